package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecordCountsTest {
    private static final RecordCounts COUNTS = new RecordCounts(1, 2, 4, 8, 16, 32, 64, 128, 256);

    @Test
    void eachOffsetIsCountedOnce() {
        assertThat(COUNTS.offsets()).isEqualTo(1 + 2 + 4 + 8 + 16 + 32 + 64 + 128);
    }

    @Test
    void badRecordsAreThoseThatAreDeadLetteredOrSkipped() {
        assertThat(COUNTS.bad()).isEqualTo(4 + 8);
    }

    @Test
    void accountsAreAddedFieldByField() {
        assertThat(COUNTS.plus(new RecordCounts(100, 200, 300, 400, 500, 600, 700, 800, 900)))
                .isEqualTo(new RecordCounts(101, 202, 304, 408, 516, 632, 764, 928, 1_156));
        assertThat(COUNTS.plus(RecordCounts.NONE)).isEqualTo(COUNTS);
    }
}
