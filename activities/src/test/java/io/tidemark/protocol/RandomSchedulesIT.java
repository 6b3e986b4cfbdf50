package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Trials;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Schedules that follow from a seed: a writer, consecutive or overlapping runs, crashes at every point, frozen attempts
 * that resume after their successors. {@link Schedule} defines what can happen.
 */
@Execution(ExecutionMode.CONCURRENT)
class RandomSchedulesIT {
    /** A schedule mostly waits for the broker, and has topics of its own. */
    private static final int AT_ONCE = 4;
    /** The first seed that catches each variant. The search begins there and continues if the schedules have changed. */
    private static final Map<Variant, Integer> CATCHES = Map.of(
            Variant.BEGIN_NOT_COMPARED, 12,
            Variant.STATE_NOT_ASKED, 1,
            Variant.READ_BEFORE_FENCE, 6,
            Variant.RANDOM_ID, 5,
            Variant.NO_TRANSACTION, 10);
    /** Far more schedules than any of the weaker variants survives. */
    private static final int ENOUGH = 60;

    @Test
    void whateverHappensInWhateverOrderEachRecordCountsOnce() {
        Trials.of("R1", RandomSchedulesIT.class, 3, 5_000)
                .inLanes(AT_ONCE)
                .run(trial -> Schedule.play(trial, Variant.REAL));
    }

    @Test
    void whateverHappensWindowsCloseOnceAndWhole() {
        Trials.of("R1 closing", RandomSchedulesIT.class, 6, 5_000)
                .inLanes(AT_ONCE)
                .run(trial -> Schedule.playClosing(trial, Variant.REAL, Cluster.sharedWith(Map.of()), List.of()));
    }

    @Test
    void whateverHappensWindowsThatOverlapCloseOnceAndWhole() {
        Trials.of("R1 hopping", RandomSchedulesIT.class, 3, 5_000)
                .inLanes(AT_ONCE)
                .run(trial -> Schedule.playClosing(trial, Variant.REAL, Cluster.sharedWith(Map.of()), List.of(), true));
    }

    @Test
    void whateverHappensInEitherStageARowHasEachRecordOfAllPartitionsOnce() {
        Trials.of("R1 topic scope", RandomSchedulesIT.class, 4, 5_000)
                .inLanes(AT_ONCE)
                .run(Schedule::playOverTheTopic);
    }

    /** The same schedules detect each weaker variant of the protocol; otherwise they would prove little. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "REAL")
    void theSameSchedulesCatchEachWeakerVariant(Variant variant) {
        assertThatThrownBy(() -> {
                    int first = CATCHES.getOrDefault(variant, 1);
                    for (int seed = first; seed < first + ENOUGH; seed++) {
                        Schedule.play(Trials.trial(seed), variant);
                    }
                })
                .isInstanceOf(AssertionError.class);
    }
}
