package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StateKeysTest {
    @Test
    void progressAndChunksHaveDifferentKeys() {
        assertThat(StateKeys.isProgress(StateKeys.progress())).isTrue();
        assertThat(StateKeys.isProgress(StateKeys.chunk(0, 0))).isFalse();
        assertThat(StateKeys.isProgress(new byte[0])).isFalse();
    }
}
