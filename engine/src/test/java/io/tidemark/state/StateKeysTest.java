package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StateKeysTest {
    @Test
    void progressAndChunksHaveDifferentKeys() {
        assertThat(StateKeys.isProgress(StateKeys.progress())).isTrue();
        assertThat(StateKeys.isProgress(StateKeys.chunk(0, 0))).isFalse();
        assertThat(StateKeys.isProgress(new byte[0])).isFalse();
    }

    @Test
    void aKeyOfPartialTotalsHasTheirWindow() {
        assertThat(StateKeys.windowOfPartial(StateKeys.partial(1_166_832_000_000L, 3, 10, 20)))
                .isEqualTo(1_166_832_000_000L);
        assertThat(StateKeys.windowOfPartial(StateKeys.partial(-86_400_000, 0, 0, 1)))
                .isEqualTo(-86_400_000);
        assertThatThrownBy(() -> StateKeys.windowOfPartial(StateKeys.chunk(0, 0)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
