package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.ClosingModel.Part;
import io.tidemark.model.ClosingModel.Variant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Searches all states of the closing of windows within small bounds, and of variants that lack one part each. */
class ClosingModelTest {
    private static final int LIMIT = 4_000_000;

    private static final Variant BY_EVENT_TIME =
            Variant.DESIGNED.bounds(List.of(0, 2, 0), List.of(0, 0, 0), 1).without(Part.BY_RUN);

    @Test
    void closingByRunHolds() {
        assertHolds(Variant.DESIGNED.bounds(List.of(0, 1, 0), List.of(0, 1, 2), 1));
    }

    @Test
    void closingByRunHoldsWhereWindowsComeInReverse() {
        assertHolds(Variant.DESIGNED.bounds(List.of(1, 0, 1), List.of(0, 1, 2), 1));
    }

    @Test
    void closingByRunHoldsWithTwoZombies() {
        assertHolds(Variant.DESIGNED.bounds(List.of(0, 1, 0), List.of(1, 2), 2));
    }

    @Test
    void closingByEventTimeHolds() {
        assertHolds(BY_EVENT_TIME);
        assertHolds(BY_EVENT_TIME.without(Part.ONE_WINDOW_A_BATCH));
    }

    @Test
    void closingWindowsOfTwoPanesHolds() {
        assertHolds(
                Variant.DESIGNED.bounds(List.of(0, 1, 0), List.of(0, 1, 2), 1).span(2));
        assertHolds(Variant.DESIGNED.bounds(List.of(1, 0, 1), List.of(1, 3), 1).span(2));
        assertHolds(BY_EVENT_TIME.span(2));
    }

    @Test
    void removingAPaneWithItsFirstWindowLosesRecords() {
        Variant weaker = Variant.DESIGNED.without(Part.KEEPS_PANES, Part.MUST_END);
        assertThat(Explorer.search(new ClosingModel(weaker.span(2)), LIMIT).holds())
                .isFalse();
        assertThat(Explorer.search(new ClosingModel(weaker.bounds(List.of(0, 1, 0), List.of(0, 1, 2), 1)), LIMIT)
                        .holds())
                .as("without overlap there is no difference")
                .isTrue();
    }

    @Test
    void comparingTheProgressAloneBreaksIt() {
        assertBreaks(Part.COMPARES_BOTH, Part.MUST_END);
    }

    @Test
    void askingForDoneBeforeTheComparisonLeavesAnIdlePartitionOpen() {
        assertBreaks(Part.TAKES_PART_FIRST);
    }

    @Test
    void closingBeforeTheEndOfThePlanLosesRecords() {
        assertBreaks(Part.CLOSES_AT_PLAN_END, Part.MUST_END);
    }

    @Test
    void forgettingAWindowWithoutItsFinalRowLosesIt() {
        assertBreaks(Part.WRITES_FINAL_ROWS, Part.MUST_END);
    }

    @Test
    void staleWithoutWhatIsClosedGoesRoundForEver() {
        assertBreaks(Part.STALE_SAYS_WHAT_IS_CLOSED);
    }

    @Test
    void closingByAnOldEndOfTheLogLosesRecords() {
        assertBreaks(Part.PLANS_TO_LOG_END, Part.MUST_END);
    }

    @Test
    @Tag("faults")
    void closingHoldsWithinLargerBounds() {
        assertHolds(Variant.DESIGNED);
        assertHolds(Variant.DESIGNED.without(Part.ONE_WINDOW_A_BATCH));
        assertHolds(Variant.DESIGNED.bounds(List.of(1, 0, 0, 1), List.of(0, 1, 2), 1));
        assertHolds(BY_EVENT_TIME.bounds(List.of(0, 1, 0, 2), List.of(0, 0, 0), 1));
    }

    private static void assertHolds(Variant variant) {
        ClosingModel model = new ClosingModel(variant);

        Explorer.Result result = Explorer.search(model, LIMIT);

        assertThat(result.holds()).as(result.toString()).isTrue();
        assertThat(result.states()).isGreaterThan(1_000);
        assertThat(model.sawLateRecord()).isTrue();
    }

    private static void assertBreaks(Part... missing) {
        Variant weaker = Variant.DESIGNED.without(missing);

        Explorer.Result result = Explorer.search(new ClosingModel(weaker), LIMIT);

        assertThat(result.holds()).as(weaker + ": " + result).isFalse();
    }
}
