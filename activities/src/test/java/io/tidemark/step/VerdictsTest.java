package io.tidemark.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.job.JobFingerprint;
import io.tidemark.job.JobSpec;
import io.tidemark.run.Closing;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Closed;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PartitionProgress.Batch;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.RecordCounts;
import io.tidemark.state.Windows;
import io.tidemark.testkit.JobJson;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Offsets are 1 to 9; times are days, and 0 means that no window is closed. */
class VerdictsTest {
    private static final long DAY = 86_400_000;
    private static final JobSpec OPEN = JobJson.job("");
    private static final JobSpec BY_RUN = JobJson.job("{ close: { after: '1d' } }");
    private static final JobSpec BY_EVENT_TIME = JobJson.job("{ close: { after: '1d', by: 'eventTime' } }");

    private static SliceRef slice(JobSpec job) {
        return new SliceRef(job, "run", identity(job), 0);
    }

    private static PlanIdentity identity(JobSpec job) {
        return new PlanIdentity(JobFingerprint.of(job).hash(), 1, "in", "out", "state");
    }

    private static PartitionProgress stored(JobSpec job, long through, long closedBefore, long watermark, Batch last) {
        return new PartitionProgress(
                identity(job),
                JobFingerprint.of(job).meaning(),
                job.partitionsPerSlice(),
                through,
                -1,
                0,
                0,
                new Windows(time(closedBefore), watermark == 0 ? Windows.NO_RECORD : watermark, Windows.NO_TOTALS),
                last,
                List.of(),
                List.of());
    }

    private static long time(long days) {
        return days == 0 ? Mark.NOTHING_CLOSED : days * DAY;
    }

    private static StagedRange staged(PartitionRange range, @Nullable Long eventTime) {
        return new StagedRange(range, RecordCounts.folded(range.length(), 0), -1, -1, -1, eventTime);
    }

    private static String decide(JobSpec job, StagedRange staged, PartitionProgress stored) {
        PartitionVerdict verdict = new Verdicts(slice(job)).decide(staged, stored);
        if (verdict == null) {
            return "takes part";
        }
        assertThat(verdict.through()).isEqualTo(stored.through());
        if (job.close() != null) {
            assertThat(verdict.mark()).isEqualTo(stored.mark());
        }
        return verdict.problem() == null
                ? verdict.verdict().name()
                : verdict.problem().kind().name();
    }

    /** Without close it is the table of version 0.1, row by row. */
    @Test
    void withoutCloseTheOffsetsAloneDecide() {
        for (int from = 1; from <= 4; from++) {
            for (int to = from; to <= 5; to++) {
                for (int through = 0; through <= 6; through++) {
                    String expected = through < from
                            ? "STATE_LOST"
                            : through >= to ? "DONE_BEFORE" : through != from ? "STALE" : "takes part";
                    assertThat(decide(
                                    OPEN,
                                    staged(new PartitionRange(0, from, to), null),
                                    stored(OPEN, through, 0, 0, null)))
                            .as("range %s to %s, stored %s", from, to, through)
                            .isEqualTo(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        // The range 3 to 5, for which windows before day 2 are closed, closes those before day 4.
        "2, 2, 3, 5, 2, 4, STATE_LOST",
        "2, 9, 3, 5, 2, 4, STATE_LOST",
        "3, 0, 3, 5, 2, 4, STATE_LOST",
        "3, 1, 3, 5, 2, 4, STATE_LOST",
        "9, 1, 3, 5, 2, 4, STATE_LOST",
        "3, 2, 3, 5, 2, 4, takes part",
        "3, 3, 3, 5, 2, 4, STALE",
        "3, 4, 3, 5, 2, 4, STALE",
        "3, 9, 3, 5, 2, 4, STALE",
        "4, 2, 3, 5, 2, 4, STALE",
        "4, 9, 3, 5, 2, 4, STALE",
        "5, 2, 3, 5, 2, 4, STALE",
        "5, 3, 3, 5, 2, 4, STALE",
        "5, 4, 3, 5, 2, 4, DONE_BEFORE",
        "5, 9, 3, 5, 2, 4, DONE_BEFORE",
        "6, 2, 3, 5, 2, 4, STALE",
        "6, 4, 3, 5, 2, 4, DONE_BEFORE",
        // It closes nothing.
        "3, 2, 3, 5, 2, 2, takes part",
        "3, 3, 3, 5, 2, 2, STALE",
        "5, 2, 3, 5, 2, 2, DONE_BEFORE",
        "5, 3, 3, 5, 2, 2, DONE_BEFORE",
        // Nothing is closed yet.
        "3, 0, 3, 5, 0, 4, takes part",
        "3, 4, 3, 5, 0, 4, STALE",
        "5, 0, 3, 5, 0, 4, STALE",
        "5, 4, 3, 5, 0, 4, DONE_BEFORE",
        // It has no offsets.
        "2, 2, 3, 3, 2, 4, STATE_LOST",
        "3, 1, 3, 3, 2, 4, STATE_LOST",
        "3, 2, 3, 3, 2, 4, takes part",
        "3, 3, 3, 3, 2, 4, STALE",
        "3, 4, 3, 3, 2, 4, DONE_BEFORE",
        "4, 2, 3, 3, 2, 4, STALE",
        "4, 3, 3, 3, 2, 4, STALE",
        "4, 4, 3, 3, 2, 4, DONE_BEFORE",
        "3, 2, 3, 3, 2, 2, DONE_BEFORE",
    })
    void byRunThePairDecides(
            long through, long closed, long from, long to, long closedBefore, long target, String expected) {
        PartitionRange range = new PartitionRange(0, from, to, new Closing(time(closedBefore), time(target)));
        assertThat(decide(BY_RUN, staged(range, null), stored(BY_RUN, through, closed, 0, null)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        // The watermark of day 5 lets windows before day 4 close.
        "3, 2, 5, 3, 5, 2, takes part",
        "3, 4, 5, 3, 5, 4, takes part",
        "3, 4, 5, 3, 5, 2, STALE",
        "2, 2, 5, 3, 5, 2, STATE_LOST",
        "3, 1, 5, 3, 5, 2, STATE_LOST",
        "4, 2, 5, 3, 5, 2, STALE",
        "5, 2, 5, 3, 5, 2, DONE_BEFORE",
        "6, 4, 5, 3, 5, 2, DONE_BEFORE",
        // No offsets: only what the watermark still lets close.
        "3, 2, 5, 3, 3, 2, takes part",
        "3, 3, 5, 3, 3, 3, takes part",
        "3, 3, 5, 3, 3, 2, STALE",
        "3, 4, 5, 3, 3, 4, DONE_BEFORE",
        "3, 4, 5, 3, 3, 2, DONE_BEFORE",
        "4, 4, 5, 3, 3, 2, DONE_BEFORE",
        "4, 3, 5, 3, 3, 2, STALE",
        "3, 0, 0, 3, 3, 0, DONE_BEFORE",
    })
    void byEventTimeTheWatermarkIsTheTarget(
            long through, long closed, long watermark, long from, long to, long closedBefore, String expected) {
        PartitionRange range = new PartitionRange(0, from, to, new Closing(time(closedBefore), time(closedBefore)));
        PartitionProgress stored = stored(BY_EVENT_TIME, through, closed, watermark * DAY, null);
        assertThat(decide(BY_EVENT_TIME, staged(range, null), stored)).isEqualTo(expected);
    }

    @Test
    void theVerdictSaysWhatIsClosedAndWhatMayBe() {
        Batch mine = new Batch(3, 5, "run", RecordCounts.folded(2, 7), 6, 4, 2, 0, -1, -1, -1, -1);
        PartitionVerdict lost = new Verdicts(slice(BY_RUN))
                .decide(
                        staged(new PartitionRange(0, 3, 5, new Closing(time(2), time(6))), null),
                        stored(BY_RUN, 5, 4, 0, mine));
        assertThat(lost.verdict()).isEqualTo(PartitionVerdict.Verdict.STALE);
        assertThat(lost.counts()).isEqualTo(mine.counts());
        assertThat(lost.rows()).isEqualTo(6);
        assertThat(lost.closed()).isEqualTo(new Closed(time(4), time(6), 2, 4));

        PartitionVerdict byTime = new Verdicts(slice(BY_EVENT_TIME))
                .decide(
                        staged(new PartitionRange(0, 3, 5, new Closing(time(2), time(2))), 99 * DAY),
                        stored(BY_EVENT_TIME, 5, 4, 9 * DAY + 5, mine));
        assertThat(byTime.verdict()).isEqualTo(PartitionVerdict.Verdict.DONE_BEFORE);
        assertThat(byTime.closed()).isEqualTo(new Closed(time(4), time(8), 2, 4));
    }

    /** A batch without offsets begins where the one before it ends, which another attempt of the run has reported. */
    @Test
    void aBatchThatIsNotCommittedIsNotCountedAsTheOneBeforeIt() {
        Batch mine = new Batch(3, 3, "run", RecordCounts.NONE, 6, 6, 2, 0, -1, -1, -1, -1);
        PartitionVerdict verdict = new Verdicts(slice(BY_RUN))
                .decide(
                        staged(new PartitionRange(0, 3, 3, new Closing(time(4), time(4))), null),
                        stored(BY_RUN, 3, 4, 0, mine));
        assertThat(verdict.closed()).isEqualTo(new Closed(time(4), time(4), 0, 0));
        assertThat(verdict.rows()).isZero();
    }

    @Test
    void aJobThatHasClosedWindowsNeedsClose() {
        PartitionVerdict verdict = new Verdicts(slice(OPEN))
                .decide(staged(new PartitionRange(0, 3, 5), null), stored(OPEN, 3, 4, 0, null));
        assertThat(verdict.problem().kind()).isEqualTo(FailureKind.JOB_CHANGED);
        assertThat(verdict.problem().message()).contains("airflow-input-topic[0]", "1970-01-05T00:00:00Z", "close");
    }

    @Test
    void aLostStateNamesBothTimes() {
        PartitionVerdict verdict = new Verdicts(slice(BY_RUN))
                .decide(
                        staged(new PartitionRange(0, 3, 5, new Closing(time(4), time(4))), null),
                        stored(BY_RUN, 3, 2, 0, null));
        assertThat(verdict.problem().message())
                .contains("airflow-input-topic[0]", "1970-01-05T00:00:00Z", "1970-01-03T00:00:00Z", "new name");
        PartitionVerdict gone = new Verdicts(slice(BY_RUN))
                .decide(staged(new PartitionRange(0, 3, 5, new Closing(time(4), time(4))), null), null);
        assertThat(gone.problem().kind()).isEqualTo(FailureKind.STATE_LOST);
        assertThat(gone.mark()).isEqualTo(new Mark(3, time(4)));
    }
}
