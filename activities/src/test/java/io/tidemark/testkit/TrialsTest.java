package io.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class TrialsTest {
    private final Queue<Long> seeds = new ConcurrentLinkedQueue<>();

    private Trials trials() {
        return Trials.of("none", TrialsTest.class, 20, 20);
    }

    @Test
    void eachSeedIsTriedOnceInHoweverManyLanes() {
        trials().inLanes(3).run(trial -> seeds.add(trial.seed()));
        assertThat(seeds).hasSize(20).doesNotHaveDuplicates().contains(1L, 20L);
    }

    @Test
    void theFirstThatFailsEndsTheRowWithItsSeed() {
        assertThatThrownBy(() -> trials().run(trial -> {
                    seeds.add(trial.seed());
                    if (trial.seed() == 3) {
                        throw new IllegalStateException("lost");
                    }
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("seed 3", "lost", "-Dfaults.seed=3");
        assertThat(seeds).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aFailureInALaneIsAFailure() {
        assertThatThrownBy(() -> trials().inLanes(3).run(trial -> {
                    if (trial.seed() == 3) {
                        throw new IllegalStateException("lost");
                    }
                }))
                .hasMessageContainingAll("seed 3", "lost");
    }

    @Test
    void oneThatCannotBeJudgedIsPassedOver() {
        trials().run(trial -> {
            seeds.add(trial.seed());
            if (trial.seed() == 3) {
                throw new TestAbortedException("not ours");
            }
        });
        assertThat(seeds).hasSize(20);
    }

    @Test
    void whereNoneCanBeJudgedTheTestIsSkipped() {
        assertThatThrownBy(() -> trials().run(trial -> {
                    throw new TestAbortedException("not ours");
                }))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContainingAll("none, seed 1", "not ours");
    }
}
