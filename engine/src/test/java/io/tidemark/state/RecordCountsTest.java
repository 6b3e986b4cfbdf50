package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecordCountsTest {
    private static final RecordCounts COUNTS = new RecordCounts(1, 2, 4, 8, 16, 32, 64, 128, 256, Map.of());

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
        assertThat(COUNTS.plus(new RecordCounts(100, 200, 300, 400, 500, 600, 700, 800, 900, Map.of())))
                .isEqualTo(new RecordCounts(101, 202, 304, 408, 516, 632, 764, 928, 1_156, Map.of()));
        assertThat(COUNTS.plus(RecordCounts.NONE)).isEqualTo(COUNTS);
    }

    private static RecordCounts bad(Map<String, Long> reasons) {
        return new RecordCounts(0, 0, 3, 0, 0, 0, 0, 0, 0, reasons);
    }

    @Test
    void reasonsAreAddedByName() {
        RecordCounts sum = bad(Map.of("NOT_JSON", 1L, "BAD_TIME", 2L))
                .plus(bad(Map.of("NOT_JSON", 3L)))
                .plus(bad(Map.of()));

        assertThat(sum.reasons()).isEqualTo(Map.of("BAD_TIME", 2L, "NOT_JSON", 4L));
        assertThat(sum.deadLettered()).isEqualTo(9);
        assertThat(bad(Map.of("NOT_JSON", 3L))).isNotEqualTo(bad(Map.of()));
    }

    @Test
    void anAccountOfAnEarlierReleaseIsReadAndOneWithoutReasonsIsWrittenLikeIt() throws Exception {
        ObjectMapper json = new ObjectMapper();
        String without = json.writeValueAsString(COUNTS);

        assertThat(without).doesNotContain("reasons").endsWith("\"bytes\":256}");
        assertThat(json.readValue(without, RecordCounts.class)).isEqualTo(COUNTS);
        RecordCounts with = bad(Map.of("NOT_JSON", 3L));
        assertThat(json.readValue(json.writeValueAsString(with), RecordCounts.class))
                .isEqualTo(with);
    }
}
