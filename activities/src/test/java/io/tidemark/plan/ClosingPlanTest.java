package io.tidemark.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.cluster.TopicCatalog.EndBefore;
import io.tidemark.run.Closing;
import io.tidemark.run.PartitionRange;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.Windows;
import io.tidemark.testkit.JobJson;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Windows of a day in UTC, which take records for a day after their end. The run is at 02:30 on the tenth day. */
class ClosingPlanTest {
    private static final long DAY = Duration.ofDays(1).toMillis();
    private static final Instant NOMINAL = Instant.ofEpochMilli(10 * DAY).plus(Duration.ofMinutes(150));
    private static final long NOTHING = Mark.NOTHING_CLOSED;

    private static ClosingPlan plan(String changes, Long... ends) {
        JobSpec job = JobJson.job(changes);
        return new ClosingPlan(
                job,
                NOMINAL,
                LongStream.range(0, ends.length)
                        .boxed()
                        .collect(Collectors.toMap(
                                Long::intValue,
                                each -> new EndBefore(
                                        ends[each.intValue()], NOMINAL.toEpochMilli(), ends[each.intValue()]))),
                NOMINAL);
    }

    private static ClosingPlan byRun(Long... ends) {
        return plan("{ close: { after: '1d' } }", ends);
    }

    private static PartitionProgress stored(long through, Windows windows) {
        return new PartitionProgress(
                new PlanIdentity("f", 1, "in", "out", "state"),
                JsonNodeFactory.instance.objectNode(),
                1,
                through,
                -1,
                0,
                0,
                windows,
                null,
                List.of(),
                List.of());
    }

    private static Windows windows(long closedBefore, long watermark, long oldest) {
        return new Windows(closedBefore, watermark, oldest);
    }

    @Test
    void theWindowThatEndedADayBeforeIsClosedAndTheNextIsNot() {
        // Day 8 ended when day 9 began, a day and more before the run. Day 9 ended only a few hours before it.
        assertThat(byRun(5L).range(0, stored(2, Windows.NONE), 5))
                .contains(new PartitionRange(0, 2, 5, new Closing(NOTHING, 9 * DAY)));
    }

    @Test
    void aPartitionOfWhichNotAllCanBeReadClosesNothing() {
        assertThat(byRun(6L).range(0, stored(2, windows(3 * DAY, 0, 4 * DAY)), 5))
                .contains(new PartitionRange(0, 2, 5, new Closing(3 * DAY, 3 * DAY)));
    }

    @Test
    void anIdlePartitionClosesOnlyWhatHasTotals() {
        assertThat(byRun(5L).range(0, stored(5, windows(3 * DAY, 0, 8 * DAY)), 5))
                .contains(new PartitionRange(0, 5, 5, new Closing(3 * DAY, 9 * DAY)));
        assertThat(byRun(5L).range(0, stored(5, windows(3 * DAY, 0, 9 * DAY)), 5))
                .isEmpty();
        assertThat(byRun(5L).range(0, stored(5, windows(3 * DAY, 0, Windows.NO_TOTALS)), 5))
                .isEmpty();
        assertThat(byRun(6L).range(0, stored(5, windows(3 * DAY, 0, 8 * DAY)), 5))
                .as("one that is held back")
                .isEmpty();
    }

    @Test
    void whatIsClosedStaysClosedWhenWindowsMayTakeRecordsForLonger() {
        assertThat(plan("{ close: { after: '5d' } }", 5L).range(0, stored(2, windows(8 * DAY, 0, 9 * DAY)), 5))
                .contains(new PartitionRange(0, 2, 5, new Closing(8 * DAY, 8 * DAY)));
    }

    @Test
    void aPartitionThatIsReadFurtherThanTheNominalTimeCloses() {
        assertThat(byRun(4L).range(0, stored(2, Windows.NONE), 9))
                .contains(new PartitionRange(0, 2, 9, new Closing(NOTHING, 9 * DAY)));
    }

    @Test
    void untilNominalARunEndsBeforeTheFirstLaterRecord() {
        String until = "{ input: { topic: 'readings', until: 'nominal' } }";

        assertThat(plan(until, 4L).range(0, stored(2, Windows.NONE), 9)).contains(new PartitionRange(0, 2, 4));
        assertThat(plan(until, 4L).range(0, stored(2, Windows.NONE), 3)).contains(new PartitionRange(0, 2, 3));
        assertThat(plan(until, 4L).range(0, stored(5, Windows.NONE), 9))
                .as("read further by a later run")
                .isEmpty();
    }

    @Test
    void byEventTimeNothingDependsOnTheNominalTime() {
        ClosingPlan plan = plan("{ close: { after: '1d', by: 'eventTime' } }");

        assertThat(plan.range(0, stored(2, windows(3 * DAY, 7 * DAY, 4 * DAY)), 5))
                .as("what is closed follows from the records")
                .contains(new PartitionRange(0, 2, 5, new Closing(3 * DAY, 3 * DAY)));
        assertThat(plan.range(0, stored(5, windows(3 * DAY, 7 * DAY, 4 * DAY)), 5))
                .as("windows that are left")
                .contains(new PartitionRange(0, 5, 5, new Closing(3 * DAY, 6 * DAY)));
        assertThat(plan.range(0, stored(5, windows(3 * DAY, 7 * DAY, 6 * DAY)), 5))
                .isEmpty();
        assertThat(plan.range(0, stored(5, windows(NOTHING, Windows.NO_RECORD, 4 * DAY)), 5))
                .isEmpty();
    }

    @Test
    void withoutCloseARangeSaysNothingAboutWindows() {
        ClosingPlan plan = plan("");

        assertThat(plan.range(0, stored(2, windows(NOTHING, Windows.NO_RECORD, DAY)), 5))
                .contains(new PartitionRange(0, 2, 5));
        assertThat(plan.range(0, stored(5, windows(NOTHING, Windows.NO_RECORD, DAY)), 5))
                .isEmpty();
    }

    @Test
    void aStateThatIsNearlyFullIsWarnedOf() {
        JobSpec job = JobJson.job("{ limits: { cells: 10 } }");

        assertThat(StateGrowth.warnings(job, Map.of(0, withCells(7), 1, withCells(0))))
                .isEmpty();
        assertThat(StateGrowth.warnings(job, Map.of(0, withCells(7), 1, withCells(8), 2, withCells(9))))
                .singleElement()
                .asString()
                .contains(
                        "airflow-input-topic[1] has 8 cells",
                        "limits.cells is 10",
                        "1 more partitions are nearly full",
                        "close: {");
    }

    @Test
    void theFirstRunOfAJobWithoutCloseSaysThatItsStateGrows() {
        assertThat(StateGrowth.warnings(JobJson.job(""), Map.of()))
                .singleElement()
                .asString()
                .contains("no close", "its state grows");
        assertThat(StateGrowth.warnings(JobJson.job("{ close: { after: '1d' } }"), Map.of()))
                .isEmpty();
        assertThat(StateGrowth.warnings(JobJson.job("{ window: 'none' }"), Map.of()))
                .isEmpty();
    }

    @Test
    void theFirstRunOfAJobWhoseWindowsOverlapSaysHowManyRowsARecordChanges() {
        String start = "{ window: { every: 'day', span: 7 }, close: { after: '1d' }, output: { topic: 'out', emit: '";

        assertThat(StateGrowth.warnings(JobJson.job(start + "changes' } }"), Map.of()))
                .singleElement()
                .asString()
                .contains("a record changes 7 rows", "output.emit: final");
        assertThat(StateGrowth.warnings(JobJson.job(start + "changes' } }"), Map.of(0, withCells(1))))
                .isEmpty();
        assertThat(StateGrowth.warnings(JobJson.job(start + "final' } }"), Map.of()))
                .isEmpty();
    }

    private static PartitionProgress withCells(long cells) {
        return new PartitionProgress(
                new PlanIdentity("f", 1, "in", "out", "state"),
                JsonNodeFactory.instance.objectNode(),
                1,
                0,
                -1,
                cells,
                0,
                Windows.NONE,
                null,
                List.of(),
                List.of());
    }

    /** A producer's clock is an hour ahead: records behind its record may be of before the nominal time. */
    @Test
    void aRecordOfTheFutureNeitherEndsARangeNorLetsWindowsClose() {
        for (String until : List.of("end", "nominal")) {
            ClosingPlan plan = new ClosingPlan(
                    JobJson.job("{ close: { after: '1d' }, input: { topic: 'readings', until: '" + until + "' } }"),
                    NOMINAL,
                    Map.of(0, new EndBefore(5, NOMINAL.plusSeconds(3_600).toEpochMilli(), 9)),
                    NOMINAL);

            assertThat(plan.range(0, stored(6, windows(3 * DAY, 0, 4 * DAY)), 9))
                    .contains(new PartitionRange(0, 6, 9, new Closing(3 * DAY, 3 * DAY)));
        }
    }

    /** Of what follows a later record that was read already, only the end of the log tells that nothing is left. */
    @Test
    void aLaterRecordThatWasReadBeforeDoesNotLetWindowsClose() {
        ClosingPlan plan = new ClosingPlan(
                JobJson.job("{ close: { after: '1d' } }"),
                NOMINAL,
                Map.of(0, new EndBefore(5, NOMINAL.toEpochMilli(), 9)),
                NOMINAL);

        assertThat(plan.range(0, stored(6, windows(3 * DAY, 0, 4 * DAY)), 8))
                .contains(new PartitionRange(0, 6, 8, new Closing(3 * DAY, 3 * DAY)));
        assertThat(plan.range(0, stored(6, windows(3 * DAY, 0, 4 * DAY)), 9))
                .contains(new PartitionRange(0, 6, 9, new Closing(3 * DAY, 9 * DAY)));
    }
}
