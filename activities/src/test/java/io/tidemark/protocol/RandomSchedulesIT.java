package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.testkit.Trials;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Schedules that follow from a seed: a writer, consecutive or overlapping runs, crashes at every point, frozen attempts
 * that resume after their successors. {@link Schedule} defines what can happen.
 */
class RandomSchedulesIT {
    /** A schedule mostly waits for the broker, and has topics of its own. */
    private static final int AT_ONCE = 4;
    /** Far more schedules than any of the weaker variants survives. */
    private static final int ENOUGH = 60;

    @Test
    void whateverHappensInWhateverOrderEachRecordCountsOnce() {
        Trials.of("R1", RandomSchedulesIT.class, 3, 5_000)
                .inLanes(AT_ONCE)
                .run(trial -> Schedule.play(trial, Variant.REAL));
    }

    /** The same schedules detect each weaker variant of the protocol; otherwise they would prove little. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "REAL")
    void theSameSchedulesCatchEachWeakerVariant(Variant variant) {
        assertThatThrownBy(() -> {
                    for (int seed = 1; seed <= ENOUGH; seed++) {
                        Schedule.play(Trials.trial(seed), variant);
                    }
                })
                .isInstanceOf(AssertionError.class);
    }
}
