package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.cli.OutputReader.Row;
import io.tidemark.job.JobSpec;
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
        Columns sum = new Columns(List.of("sum"), List.of(), List.of());

        assertThatCode(() -> check("{\"count\":3,\"sum\":705.00}", sum)).doesNotThrowAnyException();
        assertThatThrownBy(() -> check("{\"count\":3,\"sum\":705.01}", sum))
                .hasMessageContaining("found sum 705.01, expected 705.00");
        assertThatThrownBy(() -> check("{\"count\":3}", sum)).hasMessageContaining("found sum");
    }

    @Test
    void fieldsWithoutAKnownValueMustBeThere() {
        Columns median = new Columns(List.of(), List.of(), List.of("median"));

        assertThatCode(() -> check("{\"count\":3,\"median\":1}", median)).doesNotThrowAnyException();
        assertThatThrownBy(() -> check("{\"count\":3}", median)).hasMessageContaining("found no median");
    }

    @Test
    void whatTheGeneratorKnowsOfAJobIsChecked() {
        ObjectNode job = Workload.daily(10, 2).job("name", "topic");
        job.putObject("aggregate").putObject("exact").put("sum", "voltage").put("decimal", 2);
        job.withObject("/aggregate").putObject("mean").put("mean", "voltage");
        job.withObject("/aggregate")
                .putObject("median")
                .put("quantile", "voltage")
                .put("at", 0.5);
        job.withObject("/aggregate").putObject("some").put("mean", "voltage").put("where", "voltage > 240");

        assertThat(Columns.of(JobSpec.fromJson(job)))
                .isEqualTo(new Columns(List.of("exact"), List.of("mean"), List.of("median", "some")));
    }

    private void check(String value, Columns columns) {
        truth.check(List.of(row(3, "2006-12-17", value)), columns, Truth.RELATIVE_ERROR);
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
