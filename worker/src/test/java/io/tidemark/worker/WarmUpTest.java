package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WarmUpTest {
    @Test
    void everyRecordBecomesPartOfARow() {
        assertThat(WarmUp.run()).isEqualTo(WarmUp.RECORDS);
    }
}
