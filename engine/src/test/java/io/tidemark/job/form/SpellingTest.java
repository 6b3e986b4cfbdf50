package io.tidemark.job.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {
    private static final List<String> NAMES =
            List.of("name", "input", "window", "groupBy", "aggregate", "output", "partitionsPerSlice");

    @ParameterizedTest
    @CsvSource({
        "groupby, groupBy",
        "GROUPBY, groupBy",
        "gropuBy, groupBy",
        "naem, name",
        "windows, window",
        "agregates, aggregate",
        "partitionPerSlices, partitionsPerSlice",
    })
    void aTypingErrorFindsTheRightName(String name, String meant) {
        assertThat(Spelling.nearest(name, NAMES)).hasValue(meant);
    }

    @ParameterizedTest
    @CsvSource({"topic", "''", "mane", "in", "group", "aggregation"})
    void anotherNameFindsNone(String name) {
        assertThat(Spelling.nearest(name, NAMES)).isEmpty();
    }
}
