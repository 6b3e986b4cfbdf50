package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.cli.OutputReader.Row;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TruthTest {

    private final Truth truth = new Truth();

    @BeforeEach
    void twoBatchesOfOneDay() {
        truth.add(3, "2006-12-17", 1, 23_000);
        truth.add(3, "2006-12-17", 2, 47_500);
        truth.add(3, "2006-12-18", 0, 0);
    }

    @Test
    void equalRowsPass() {
        assertThatCode(() -> truth.check(List.of(row(3, "2006-12-17", "{\"count\":3,\"voltage\":235.00000000001}"))))
                .doesNotThrowAnyException();
    }

    @Test
    void aMissingRowIsRefused() {
        refused(List.of(), "found 0 rows, expected 1");
    }

    @Test
    void aRowOfAnotherPartitionIsRefused() {
        refused(List.of(row(2, "2006-12-17", "{\"count\":3,\"voltage\":235}")), "this row is not expected");
    }

    @Test
    void anotherCountIsRefused() {
        refused(List.of(row(3, "2006-12-17", "{\"count\":4,\"voltage\":235}")), "found count 4, expected 3");
    }

    @Test
    void anotherMeanIsRefused() {
        refused(
                List.of(row(3, "2006-12-17", "{\"count\":3,\"voltage\":235.000001}")),
                "found mean 235.000001, expected 235.0");
    }

    @Test
    void exactSumsAreChecked() {
        assertThatCode(() -> truth.check(List.of(row(3, "2006-12-17", "{\"count\":3,\"sum\":705.00}")), List.of("sum")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() ->
                        truth.check(List.of(row(3, "2006-12-17", "{\"count\":3,\"sum\":705.01}")), List.of("sum")))
                .hasMessageContaining("found sum 705.01, expected 705.00");
        assertThatThrownBy(() -> truth.check(List.of(row(3, "2006-12-17", "{\"count\":3}")), List.of("sum")))
                .hasMessageContaining("found sum");
    }

    private void refused(List<Row> rows, String why) {
        assertThatThrownBy(() -> truth.check(rows))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(why);
    }

    private static Row row(int partition, String key, String value) {
        return new Row(partition, 0, key, value);
    }
}
