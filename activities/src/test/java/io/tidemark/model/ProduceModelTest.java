package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.ProduceModel.Ids;
import io.tidemark.model.ProduceModel.Part;
import io.tidemark.model.ProduceModel.Variant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Searches all states of the protocol within small bounds. Each part of the protocol that the page calls necessary is taken
 * out once; the search must then find a schedule that breaks a promise.
 */
class ProduceModelTest {
    private static final int LIMIT = 3_000_000;

    @Test
    void theProtocolHolds() {
        assertHolds(Variant.BUILT);
    }

    @Test
    void itHoldsWhereTheCoordinatorAbortsTransactions() {
        assertHolds(Variant.BUILT.with(Part.TIMEOUTS).bounds(2, 2, 1));
    }

    @Test
    void itHoldsForTwoPartitionsInOneTransaction() {
        assertHolds(Variant.BUILT.bounds(2, 2, 2));
    }

    /** The check of the end read makes the compare-and-set alone; the fence only ends zombies early. */
    @Test
    void theEndReadAloneKeepsThePromisesWhereNobodyIsFenced() {
        assertHolds(Variant.BUILT.ids(Ids.ONE_EACH).bounds(2, 2, 1));
        assertHolds(Variant.BUILT.ids(Ids.EITHER_OF_TWO).bounds(2, 2, 1));
        assertHolds(Variant.BUILT.without(Part.FENCES_FIRST));
    }

    /** The fence alone makes it too, as long as no leader serves an old log. */
    @Test
    void theFenceAloneKeepsThePromisesWhereNoLeaderIsStale() {
        assertHolds(Variant.BUILT.without(Part.CHECKS_END_READ).without(Part.STALE_LEADERS));
    }

    @Test
    void withoutTheEndReadAStaleLeaderBreaksIt() {
        assertBreaks(Variant.BUILT.without(Part.CHECKS_END_READ));
    }

    @Test
    void withoutTheEndReadTwoIdsBreakIt() {
        assertBreaks(Variant.BUILT
                .without(Part.CHECKS_END_READ)
                .without(Part.STALE_LEADERS)
                .ids(Ids.EITHER_OF_TWO));
    }

    @Test
    void withoutTheEndReadAnIdForEachAttemptBreaksIt() {
        assertBreaks(Variant.BUILT
                .without(Part.CHECKS_END_READ)
                .without(Part.STALE_LEADERS)
                .ids(Ids.ONE_EACH));
    }

    @Test
    void withoutTheEndReadAReadBeforeTheFenceBreaksIt() {
        assertBreaks(Variant.BUILT
                .without(Part.CHECKS_END_READ)
                .without(Part.STALE_LEADERS)
                .without(Part.FENCES_FIRST));
    }

    @Test
    void withoutTheCompareARangeIsMergedWhereItDoesNotBegin() {
        assertBreaks(Variant.BUILT.without(Part.COMPARES));
    }

    @Test
    @Tag("faults")
    void itHoldsWithinLargerBounds() {
        assertHolds(Variant.BUILT.with(Part.TIMEOUTS));
        assertHolds(Variant.BUILT.ids(Ids.EITHER_OF_TWO).with(Part.TIMEOUTS));
        assertHolds(Variant.BUILT.ids(Ids.ONE_EACH));
        assertHolds(Variant.BUILT.bounds(3, 3, 1));
    }

    private static void assertHolds(Variant variant) {
        Explorer.Result result = Explorer.search(new ProduceModel(variant), LIMIT);

        assertThat(result.holds()).as(result.toString()).isTrue();
        assertThat(result.states()).isGreaterThan(500);
    }

    private static void assertBreaks(Variant variant) {
        Explorer.Result result = Explorer.search(new ProduceModel(variant), LIMIT);

        assertThat(result.holds()).as(variant + ": " + result).isFalse();
    }
}
