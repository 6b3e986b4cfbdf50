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
}
