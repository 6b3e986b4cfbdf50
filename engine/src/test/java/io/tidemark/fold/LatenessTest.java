package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.json.MalformedRecordException.Reason;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatenessTest {
    private static final long DAY = 86_400_000;

    private static JobSpec job(String close, String aggregate) {
        return JobJson.job("{ input: { topic: 'in', timestamp: { field: 'at', format: 'epochMillis' } }, close: "
                + close + ", aggregate: { v: " + aggregate + " } }");
    }

    private static Lateness closedBefore(JobSpec job, long time) {
        return Objects.requireNonNull(Lateness.of(job, time));
    }

    private static Fate fold(JobSpec job, @Nullable Lateness lateness, long time, long timestamp) throws Exception {
        byte[] value = ("{\"at\":" + time + ",\"x\":1.5}").getBytes(StandardCharsets.UTF_8);
        InputRecord record = new InputRecord();
        record.setPlace(0, 0, timestamp);
        record.setContent(value, 0, InputRecord.NULL, 0, value.length);
        return new JobFolder(job).fold(new CellTable(CellLayout.of(job), 10), lateness, record);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'count'", "{ sum: 'x' }", "{ sum: 'x', decimal: 1 }", "{ count: '*', where: 'x > 1' }"})
    void aRecordOfAClosedWindowIsLateWhateverTheJobComputes(String aggregate) throws Exception {
        JobSpec job = job("{ after: '1d' }", aggregate);
        Lateness lateness = closedBefore(job, 2 * DAY);

        assertThat(fold(job, lateness, 2 * DAY - 1, 2 * DAY)).isEqualTo(Fate.LATE);
        assertThat(fold(job, lateness, 2 * DAY, 2 * DAY)).isEqualTo(Fate.FOLDED);
        assertThat(fold(job, null, 2 * DAY - 1, 2 * DAY)).isEqualTo(Fate.FOLDED);
    }

    @Test
    void aTimeThatIsTooFarAheadIsRefusedOnlyIfWindowsCloseByIt() throws Exception {
        JobSpec byTime = job("{ after: '1d', by: 'eventTime', maxAhead: '1h' }", "'count'");
        Lateness lateness = closedBefore(byTime, 0);
        assertThat(fold(byTime, lateness, DAY + 3_600_000, DAY)).isEqualTo(Fate.FOLDED);
        assertThatThrownBy(() -> fold(byTime, lateness, DAY + 3_600_001, DAY))
                .isInstanceOfSatisfying(MalformedRecordException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.AHEAD_OF_TIME);
                    assertThat(e)
                            .hasMessage("at is further ahead of the record's own timestamp than close.maxAhead allows");
                });
        assertThat(lateness.eventTime()).isEqualTo(DAY + 3_600_000);

        JobSpec byRun = job("{ after: '1d' }", "'count'");
        Lateness other = closedBefore(byRun, 0);
        assertThat(fold(byRun, other, 3 * DAY, DAY)).isEqualTo(Fate.FOLDED);
        assertThat(other.eventTime())
                .as("a time that another way to close would refuse")
                .isNull();
    }

    @Test
    void lateRecordsCountForTheGreatestTimeAndAJobWithoutCloseHasNone() throws Exception {
        JobSpec job = job("{ after: '1d' }", "'count'");
        Lateness lateness = closedBefore(job, 9 * DAY);
        fold(job, lateness, 5 * DAY, 5 * DAY);
        fold(job, lateness, 4 * DAY, 5 * DAY);

        assertThat(lateness.eventTime()).isEqualTo(5 * DAY);
        assertThat(Lateness.of(JobJson.job(""), 0)).isNull();
    }
}
