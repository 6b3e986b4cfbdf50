package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.ScopeVariant.Bounds;
import io.tidemark.model.ScopeVariant.ClosedBefore;
import io.tidemark.model.ScopeVariant.Fault;
import io.tidemark.model.ScopeVariant.Part;
import io.tidemark.model.ScopeVariant.Seen;
import io.tidemark.model.ScopeVariant.Sent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Searches all states of topic scope within small bounds, and of variants that lack one part each. The numbers of states and
 * of steps are exact: a change of the model that loses states, or finds another trace, is noticed. The shortest trace of each
 * variant that breaks is published to the test report.
 */
class ScopeModelTest {
    private static final int LIMIT = 4_000_000;

    private static final Sent A = new Sent(0, 0);
    private static final Sent NEXT_WINDOW = new Sent(1, 0);
    private static final Sent OTHER_OUTPUT = new Sent(0, 1);

    private static final Bounds ONE_INPUT = new Bounds(List.of(List.of(A, A)), List.of(1), List.of(), 1, 4, true);
    private static final Bounds TWO_WINDOWS =
            new Bounds(List.of(List.of(A, NEXT_WINDOW, A)), List.of(2), List.of(), 1, 4, true);
    private static final Bounds TWO_INPUTS =
            new Bounds(List.of(List.of(A), List.of(A, A)), List.of(1, 1), List.of(), 1, 2, true);
    private static final Bounds TWO_OUTPUTS =
            new Bounds(List.of(List.of(A, OTHER_OUTPUT, A)), List.of(2), List.of(), 2, 2, true);
    private static final Bounds JOINED =
            new Bounds(List.of(List.of(A), List.of(A)), List.of(1, 1), List.of(), 1, 2, true);

    /** What a search found, and the states that it reached. */
    private record Search(Explorer.Result result, Set<Seen> seen) {
        static Search of(ScopeVariant variant) {
            ScopeModel model = new ScopeModel(variant);
            return new Search(Explorer.search(model, LIMIT), model.seen());
        }
    }

    /** Several tests ask for the same variant. */
    private static final Map<ScopeVariant, Search> SEARCHED = new ConcurrentHashMap<>();

    @Test
    void theProtocolHolds() {
        assertHolds(
                ScopeVariant.designed(TWO_INPUTS.closes(1, 1)),
                24_007,
                Seen.LATE_RECORD,
                Seen.COUNT_AND_FINAL_ROW,
                Seen.HELD_BACK,
                Seen.ABORTED_PARTIAL,
                Seen.GAP_IN_PARTIALS,
                Seen.STALE_IN_STAGE_1,
                Seen.STALE_IN_STAGE_2,
                Seen.NOT_PUBLISHED);
    }

    /** An old answer about stage 1, about the end of X or about stage 2 closes nothing too early and publishes nothing. */
    @Test
    void itHoldsWhereLeadersAreStale() {
        assertHolds(
                ScopeVariant.designed(TWO_INPUTS.closes(1, 1), Fault.STALE_LEADERS),
                198_203,
                Seen.LATE_RECORD,
                Seen.HELD_BACK,
                Seen.NOT_PUBLISHED);
    }

    @Test
    void itHoldsWherePartitionsFailAndBudgetsEndRanges() {
        assertHolds(
                ScopeVariant.designed(TWO_INPUTS.closes(1, 1), Fault.FAILURES),
                123_773,
                Seen.LATE_RECORD,
                Seen.COUNT_AND_FINAL_ROW,
                Seen.NOT_PUBLISHED);
        assertHolds(
                ScopeVariant.designed(TWO_INPUTS.closes(1, 1).oneRunAtATime(), Fault.FAILURES, Fault.BUDGETS),
                5_807,
                Seen.LATE_RECORD,
                Seen.COUNT_AND_FINAL_ROW,
                Seen.NOT_PUBLISHED);
    }

    @Test
    void itHoldsWithZombiesTimeoutsAndStaleLeaders() {
        assertHolds(
                ScopeVariant.designed(ONE_INPUT.closes(1, 1), Fault.ZOMBIES, Fault.TIMEOUTS),
                11_870,
                Seen.LATE_RECORD,
                Seen.ABORTED_PARTIAL,
                Seen.STALE_IN_STAGE_2);
        assertHolds(
                ScopeVariant.designed(ONE_INPUT.closes(1, 1), Fault.STALE_LEADERS, Fault.TIMEOUTS),
                48_073,
                Seen.LATE_RECORD,
                Seen.ABORTED_PARTIAL,
                Seen.HELD_BACK);
    }

    @Test
    void itHoldsForThreeRunsAndAnEmptyBatch() {
        assertHolds(
                ScopeVariant.designed(ONE_INPUT.closes(0, 1, 1)),
                234_494,
                Seen.LATE_RECORD,
                Seen.COUNT_AND_FINAL_ROW,
                Seen.STALE_IN_STAGE_1);
    }

    @Test
    void itHoldsForTwoWindows() {
        assertHolds(ScopeVariant.designed(TWO_WINDOWS.closes(1, 2)), 6_703, Seen.LATE_RECORD, Seen.COUNT_AND_FINAL_ROW);
    }

    @Test
    void itHoldsForTwoOutputs() {
        assertHolds(
                ScopeVariant.designed(TWO_OUTPUTS.closes(1, 1)),
                48_104,
                Seen.LATE_RECORD,
                Seen.COUNT_AND_FINAL_ROW,
                Seen.HELD_BACK);
    }

    @Test
    void itHoldsWhereAPartitionJoinsLater() {
        assertHolds(
                ScopeVariant.designed(JOINED.closes(1, 1), Fault.JOINING),
                7_326,
                Seen.LATE_RECORD,
                Seen.JOINED_AFTER_A_CLOSE,
                Seen.OTHER_INPUTS);
        assertHolds(
                ScopeVariant.designed(JOINED.closes(1, 1), Fault.JOINING, Fault.STALE_LEADERS),
                121_335,
                Seen.LATE_RECORD,
                Seen.JOINED_AFTER_A_CLOSE,
                Seen.OTHER_INPUTS);
    }

    /** Lost partials are reported. No total is wrong, no final row is incomplete, and no offset is published for them. */
    @Test
    void lostPartialsAreNeverSilent() {
        assertHolds(ScopeVariant.designed(ONE_INPUT.closes(0, 1), Fault.LOST_PARTIALS), 14_228, Seen.PARTIALS_LOST);
    }

    /** Stage 2 need not wait for stage 1: what it may close is in Kafka. The order is for rows that come sooner. */
    @Test
    void stage2MayBePlannedAtAnyTime() {
        assertHolds(
                ScopeVariant.designed(ONE_INPUT.closes(1, 1)).without(Part.STAGE_1_FIRST),
                46_069,
                Seen.LATE_RECORD,
                Seen.COUNT_AND_FINAL_ROW);
    }

    @Test
    void partialsInARandomPartitionSplitAGroup(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(TWO_OUTPUTS.closes(0)).without(Part.PARTITIONS_BY_GROUP),
                ScopePromises.SPLIT,
                8,
                report);
    }

    @Test
    void readingUncommittedPartialsCountsWhatIsAborted(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(ONE_INPUT.closes(0, 0)).without(Part.READS_COMMITTED),
                ScopePromises.UNCOMMITTED,
                11,
                report);
    }

    @Test
    void removingPartialsBeforeTheCommitLosesThem(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(ONE_INPUT.closes(0, 0)).without(Part.REMOVES_WHAT_IS_MERGED),
                ScopePromises.LOST,
                11,
                report);
    }

    @Test
    void removingPartialsUpToThePlannedEndLosesThem(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(ONE_INPUT.closes(0, 0)).without(Part.REMOVES_BY_VERDICT),
                ScopePromises.LOST,
                18,
                report);
    }

    @Test
    void retentionLosesPartials(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(TWO_INPUTS.closes(0)).without(Part.KEEPS_PARTIALS),
                ScopePromises.LOST,
                10,
                report);
    }

    @Test
    void believingAGapAtOnceReportsALossThatIsNone(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(ONE_INPUT.closes(0, 0)).without(Part.LOOKS_AGAIN),
                ScopePromises.FALSELY_LOST,
                10,
                report);
    }

    @Test
    void goingOnBehindAGapPublishesWhatIsInNoRow(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(ONE_INPUT.closes(0, 0), Fault.LOST_PARTIALS)
                        .without(Part.STOPS_AT_A_GAP),
                ScopePromises.PUBLISHED,
                10,
                report);
    }

    /** Two runs are not enough. */
    @Test
    void comparingTheProgressAloneInStage1LosesARecord(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(ONE_INPUT.closes(0, 1, 1)).without(Part.COMPARES_BOTH),
                ScopePromises.INCOMPLETE,
                15,
                report);
        assertHolds(ScopeVariant.designed(ONE_INPUT.closes(1, 1)).without(Part.COMPARES_BOTH), 4_369, Seen.LATE_RECORD);
    }

    @Test
    void closingBeforeStage1HasCommittedLosesARecord(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(TWO_INPUTS.closes(1)).without(Part.STAGE_1_FIRST, Part.CLOSES_WHAT_IS_ANNOUNCED),
                ScopePromises.INCOMPLETE,
                7,
                report);
    }

    /** The run remembers that stage 1 has ended; the answer about its progress is older than that. */
    @Test
    void closingByTheRunsMemoryLosesARecordWhereLeadersAreStale(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(ONE_INPUT.closes(1), Fault.STALE_LEADERS).without(Part.CLOSES_WHAT_IS_ANNOUNCED),
                ScopePromises.INCOMPLETE,
                7,
                report);
    }

    @Test
    void closingWithoutAllPartialsLosesARecord(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(TWO_INPUTS.closes(1)).without(Part.CHECKS_PARTIALS_END),
                ScopePromises.INCOMPLETE,
                9,
                report);
    }

    @Test
    void forgettingTheEndOfEarlierPartialsPublishesWhatIsInNoRow(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(ONE_INPUT.closes(0, 1)).without(Part.KEEPS_PARTIALS_END),
                ScopePromises.PUBLISHED,
                11,
                report);
    }

    @Test
    void publishingWithoutTheEndOfPartialsPublishesWhatIsInNoRow(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(TWO_INPUTS.closes(0)).without(Part.PUBLISHES_WHAT_IS_MERGED),
                ScopePromises.PUBLISHED,
                9,
                report);
    }

    @Test
    void takingWhatIsClosedFromTheLeastOfTheTotalsLosesARecord(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(TWO_OUTPUTS.closes(1, 1).oneRunAtATime(), Fault.FAILURES)
                        .closedBefore(ClosedBefore.LEAST_OF_TOTALS),
                ScopePromises.AFTER_CLOSE,
                21,
                report);
    }

    @Test
    void takingWhatIsClosedFromTheGreatestOfTheTotalsMakesARecordLate(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(TWO_OUTPUTS.closes(1, 1).oneRunAtATime(), Fault.FAILURES)
                        .closedBefore(ClosedBefore.GREATEST_OF_TOTALS),
                ScopePromises.LATE,
                16,
                report);
    }

    @Test
    void registeringInTwoTransactionsReportsALossThatIsNone(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(JOINED.closes(0), Fault.JOINING).without(Part.REGISTERS_TOGETHER),
                ScopePromises.FALSELY_LOST_STATE,
                3,
                report);
    }

    /** A registration that is frozen between its read and its commit takes windows for open that were closed meanwhile. */
    @Test
    void joiningByStage1sProgressAloneCountsAfterTheFinalRow(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(JOINED.closes(1, 1), Fault.JOINING).without(Part.JOINS_THROUGH_TOTALS),
                ScopePromises.AFTER_CLOSE,
                18,
                report);
    }

    @Test
    void closingByAPlanThatDoesNotKnowAPartitionLosesARecord(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(JOINED.closes(1, 1), Fault.JOINING).without(Part.COMPARES_INPUTS),
                ScopePromises.INCOMPLETE,
                13,
                report);
    }

    /** Slice 0 fails, and its open transaction of an earlier attempt hides the partials of slice 1. */
    @Test
    void withoutTheFenceOfOpenSlicesAFailedSliceHoldsBackTheOthers(TestReporter report) {
        assertBreaks(
                ScopeVariant.designed(TWO_INPUTS.closes(1, 1)).without(Part.FENCES_OPEN_SLICES),
                ScopePromises.NOT_COUNTED,
                3,
                report);
    }

    @Test
    @Tag("faults")
    void itHoldsWithinLargerBounds() {
        Bounds inputs = TWO_INPUTS.attempts(3).closes(1, 1);
        assertHolds(ScopeVariant.designed(inputs), 687_804, Seen.LATE_RECORD, Seen.COUNT_AND_FINAL_ROW);
        assertHolds(
                ScopeVariant.designed(inputs.oneRunAtATime(), Fault.STALE_LEADERS, Fault.TIMEOUTS),
                620_693,
                Seen.LATE_RECORD,
                Seen.HELD_BACK);
        assertHolds(
                ScopeVariant.designed(inputs.attempts(2), Fault.FAILURES, Fault.BUDGETS),
                233_113,
                Seen.LATE_RECORD,
                Seen.NOT_PUBLISHED);
        assertHolds(
                ScopeVariant.designed(TWO_OUTPUTS.attempts(3).closes(1, 1)),
                282_395,
                Seen.LATE_RECORD,
                Seen.COUNT_AND_FINAL_ROW,
                Seen.HELD_BACK);
        assertHolds(
                ScopeVariant.designed(JOINED.attempts(3).closes(1, 1), Fault.JOINING),
                148_927,
                Seen.JOINED_AFTER_A_CLOSE,
                Seen.OTHER_INPUTS);
        assertHolds(
                ScopeVariant.designed(ONE_INPUT.closes(1, 1), Fault.ZOMBIES, Fault.STALE_LEADERS, Fault.TIMEOUTS),
                161_273,
                Seen.LATE_RECORD,
                Seen.ABORTED_PARTIAL);
    }

    private static void assertHolds(ScopeVariant variant, int states, Seen... seen) {
        Search search = SEARCHED.computeIfAbsent(variant, Search::of);

        assertThat(search.result.holds()).as(variant + ": " + search.result).isTrue();
        assertThat(search.result.states()).isEqualTo(states);
        assertThat(search.seen).contains(seen);
    }

    /** The variant breaks the promise, and the protocol with the same bounds and the same faults keeps all of them. */
    private static void assertBreaks(ScopeVariant weaker, String promise, int steps, TestReporter report) {
        Explorer.Result result = Explorer.search(new ScopeModel(weaker), LIMIT);

        report.publishEntry(promise, "\n" + String.join("\n", result.trace()));
        assertThat(result.broken()).as(weaker + ": " + result).isEqualTo(promise);
        assertThat(result.trace()).hasSize(steps);
        ScopeVariant whole =
                ScopeVariant.designed(weaker.bounds(), weaker.faults().toArray(Fault[]::new));
        assertThat(SEARCHED.computeIfAbsent(whole, Search::of).result.holds()).isTrue();
    }
}
