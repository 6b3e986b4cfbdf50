package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.row.RowEncoder;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobFolderTest {
    private static final String WHERE =
            "site in [\"a\", \"b\"] && (voltage > 220.5 || has(test) && test) && !note.startsWith(\"x\")";

    private static final String JOB = """
            { groupBy: ['site'], output: { topic: 'out' },
              aggregate: { sum: { sum: 'voltage' }, low: { min: 'voltage' }, count: 'count' }%s }""";

    /** A record, and what the judge of this test needs to know of it. */
    private record Sent(
            String site, double voltage, @Nullable Boolean test, String note, int day) {
        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"datetime\":\"%02d/12/2006 10:00:00\",\"site\":\"%s\",\"voltage\":%s%s,\"note\":\"%s\"}",
                    day,
                    site,
                    voltage,
                    test == null ? "" : ",\"test\":" + test,
                    note);
        }

        /** {@link #WHERE} in Java. */
        boolean counts() {
            return (site.equals("a") || site.equals("b"))
                    && (voltage > 220.5 || Boolean.TRUE.equals(test))
                    && !note.startsWith("x");
        }
    }

    @Provide
    Arbitrary<List<Sent>> records() {
        return Combinators.combine(
                        Arbitraries.of("a", "b", "c"),
                        Arbitraries.of(220.0, 220.5, 220.50000000000003, 221.0, -5.0),
                        Arbitraries.of(true, false).injectNull(0.5),
                        Arbitraries.of("", "x", "xy", "ax"),
                        Arbitraries.integers().between(1, 4))
                .as(Sent::new)
                .list()
                .ofMaxSize(100);
    }

    /** Filtering and folding gives the rows of a job without a condition over the records that the judge keeps. */
    @Property
    void theRowsAreThoseOfTheRecordsThatCount(@ForAll("records") List<Sent> records) throws Exception {
        JobSpec filtering = JobJson.job(JOB.formatted(", where: '" + WHERE + "'"));
        JobSpec plain = JobJson.job(JOB.formatted(""));
        List<Sent> kept = records.stream().filter(Sent::counts).toList();

        assertThat(rows(filtering, records, kept.size())).isEqualTo(rows(plain, kept, kept.size()));
    }

    private static List<String> rows(JobSpec job, List<Sent> records, int counted) throws Exception {
        JobFolder folder = new JobFolder(job);
        CellTable table = new CellTable(CellLayout.of(job), 100);
        int folded = 0;
        for (Sent each : records) {
            folded += fold(folder, table, each.json()) ? 1 : 0;
        }
        assertThat(folded).isEqualTo(counted);
        RowEncoder encoder = new RowEncoder(job);
        List<String> rows = new ArrayList<>();
        for (int slot : table.sortedSlots()) {
            rows.add(new String(encoder.key(table, slot), StandardCharsets.UTF_8) + " "
                    + new String(encoder.value(table, slot), StandardCharsets.UTF_8));
        }
        return rows;
    }

    private static boolean fold(JobFolder folder, CellTable table, String record) throws Exception {
        // The record is in the middle of a larger buffer, as in a response of a broker.
        byte[] value = ("##" + record + "##").getBytes(StandardCharsets.UTF_8);
        InputRecord input = new InputRecord();
        input.setContent(value, 0, InputRecord.NULL, 2, value.length - 4);
        return folder.fold(table, null, input) == Fate.FOLDED;
    }

    @Test
    void aFilteredRecordIsNotLookedAtAnyFurther() throws Exception {
        JobSpec job = JobJson.where("kind == \"reading\"");
        CellTable table = new CellTable(CellLayout.of(job), 100);
        JobFolder folder = new JobFolder(job);

        assertThat(fold(folder, table, "{\"kind\":\"ping\"}")).isFalse();
        assertThat(fold(folder, table, "{\"kind\":\"ping\",\"datetime\":7,\"voltage\":\"?\"}"))
                .isFalse();
        assertThat(table.size()).isZero();
        assertThat(fold(folder, table, "{\"kind\":\"reading\",\"datetime\":\"23/12/2006 10:00:00\",\"voltage\":1}"))
                .isTrue();
        assertThat(table.size()).isOne();
    }

    @Test
    void aRecordOfWhichTheConditionIsNeitherTrueNorFalseIsABadRecord() {
        JobSpec job = JobJson.where("http.status >= 500 && voltage > 0");
        CellTable table = new CellTable(CellLayout.of(job), 100);
        JobFolder folder = new JobFolder(job);

        assertThatThrownBy(() -> fold(folder, table, "{\"voltage\":1}"))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessage("http.status is missing");
        assertThatThrownBy(() -> fold(folder, table, "{\"voltage\":1,\"http.status\":500}"))
                .hasMessage(
                        "http.status is missing; the record has a name with a dot in it, which the job must write as"
                                + " [\"http.status\"]");
        assertThatThrownBy(() -> fold(folder, table, "{\"voltage\":1,\"http\":{\"status\":\"500\"}}"))
                .hasMessage("http.status is not a number but a string");
        assertThatThrownBy(() -> fold(folder, table, "{\"voltage\":1,\"http\":{\"status\":500}}"))
                .hasMessage("datetime is missing");
        assertThatThrownBy(() -> fold(folder, table, "{\"voltage\":1,\"http\":{\"status\":500}}{}"))
                .hasMessageContaining("there is more than one value in the record");
        assertThat(table.size()).isZero();
    }

    /** A value that is null, or no number, can be left out by the condition. */
    @Test
    void aConditionCanGuardAnAggregatedField() throws Exception {
        JobSpec job = JobJson.where("has(voltage) && voltage != null");
        CellTable table = new CellTable(CellLayout.of(job), 100);
        JobFolder folder = new JobFolder(job);

        assertThat(fold(folder, table, "{\"datetime\":\"23/12/2006 10:00:00\"}"))
                .isFalse();
        assertThat(fold(folder, table, "{\"datetime\":\"23/12/2006 10:00:00\",\"voltage\":null}"))
                .isFalse();
        assertThat(fold(folder, table, "{\"datetime\":\"23/12/2006 10:00:00\",\"voltage\":3}"))
                .isTrue();
        assertThat(table.size()).isOne();
    }
}
