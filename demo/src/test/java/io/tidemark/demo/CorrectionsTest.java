package io.tidemark.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.cli.OutputReader.Row;
import io.tidemark.demo.Corrections.Correction;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorrectionsTest {

    @Test
    void aRowWithAnotherValueWasCorrected() {
        assertThat(Corrections.between(
                        List.of(new Row(0, 1, "2006-12-22", "240.0"), new Row(1, 1, "2006-12-22", "241.0")),
                        List.of(new Row(0, 1, "2006-12-22", "240.0"), new Row(1, 5, "2006-12-22", "239.5"))))
                .containsExactly(new Correction("2006-12-22", 1, "241.0", "239.5"));
    }

    @Test
    void aNewRowWasNotCorrected() {
        assertThat(Corrections.between(List.of(), List.of(new Row(0, 1, "2006-12-22", "240.0"))))
                .isEmpty();
    }

    @Test
    void aRowWrittenAgainWithTheSameValueWasNotCorrected() {
        assertThat(Corrections.between(
                        List.of(new Row(0, 1, "2006-12-22", "240.0")), List.of(new Row(0, 9, "2006-12-22", "240.0"))))
                .isEmpty();
    }
}
