package io.tidemark.row;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RowHeaderTest {
    @Test
    void theHeaderNamesJobAndGeneration() {
        assertThat(RowHeader.value("voltage-daily", 1))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("voltage-daily/1");
        assertThat(RowHeader.job(RowHeader.value("voltage-daily", 12))).isEqualTo("voltage-daily");
    }

    @Test
    void aValueOfAnotherFormIsTheJob() {
        assertThat(RowHeader.job(new byte[] {'x'})).isEqualTo("x");
    }

    @Test
    void rowsOfAJobWithCloseSayWhatTheyHaveAndWhetherTheyAreFinal() {
        assertThat(RowHeader.ofClosingJob("bills", 1, 42, false))
                .containsOnlyKeys("tidemark.row", "tidemark.through")
                .hasEntrySatisfying(
                        "tidemark.through",
                        value -> assertThat(value)
                                .asString(StandardCharsets.UTF_8)
                                .isEqualTo("42"));
        assertThat(RowHeader.ofClosingJob("bills", 1, 42, true))
                .containsOnlyKeys("tidemark.row", "tidemark.through", "tidemark.final")
                .hasEntrySatisfying(
                        "tidemark.final",
                        value -> assertThat(value)
                                .asString(StandardCharsets.UTF_8)
                                .isEqualTo("true"));
    }
}
