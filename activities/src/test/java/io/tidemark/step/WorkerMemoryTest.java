package io.tidemark.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.run.FailureKind;
import io.tidemark.run.SliceRef;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PlanIdentity;
import io.tidemark.testkit.JobJson;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class WorkerMemoryTest {
    private static final long MIB = 1024 * 1024;
    private static final SliceRef SLICE =
            new SliceRef(JobJson.job(""), "run", new PlanIdentity("f", 1, "in", "out", "state"), 0);

    private final WorkerMemory memory = new WorkerMemory(100 * MIB);

    @Test
    void aStepThatAloneNeedsMoreThanThereIsForAllIsRefusedForGood() {
        try (WorkerMemory.Share share = memory.share(SLICE, List.of(3))) {
            share.take(60 * MIB);

            assertRefused(
                    () -> share.take(41 * MIB),
                    FailureKind.TOO_LITTLE_MEMORY,
                    "airflow-input-topic[3]: ",
                    "100.0 MiB",
                    "-Xmx",
                    "limits.offsetsPerPiece");
            share.take(40 * MIB);
        }
        assertThat(memory.taken()).isZero();
        assertThat(memory.refusals()).isEqualTo(1);
    }

    @Test
    void aStepThatLacksWhatOthersHoldIsTriedAgain() {
        try (WorkerMemory.Share first = memory.share(SLICE, List.of(3));
                WorkerMemory.Share second = memory.share(SLICE, List.of(5, 7, 6))) {
            first.take(70 * MIB);
            second.take(20 * MIB);

            assertRefused(
                    () -> second.take(20 * MIB),
                    FailureKind.MEMORY_IN_USE,
                    "airflow-input-topic[5..7]: this step holds 20.0 MiB",
                    "other steps of the worker hold 70.0 MiB of the 100.0 MiB",
                    "--activities");
            first.close();
            second.take(20 * MIB);
            assertThat(memory.taken()).isEqualTo(40 * MIB);
            assertThat(memory.refusals()).isEqualTo(1);
        }
        assertThat(memory.taken()).isZero();
    }

    @Test
    void theStepThatBeganFirstWaitsUntilTheOthersGiveBack() throws Exception {
        try (WorkerMemory.Share first = memory.share(SLICE, List.of(0));
                WorkerMemory.Share second = memory.share(SLICE, List.of(1))) {
            first.take(40 * MIB);
            second.take(50 * MIB);
            Thread waiting = new Thread(() -> first.take(50 * MIB));
            waiting.start();
            while (waiting.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }

            // Not both: one that came later fails, and so makes room.
            assertRefused(() -> second.take(50 * MIB), FailureKind.MEMORY_IN_USE, "will be retried");
            second.close();
            waiting.join();

            assertThat(memory.taken()).isEqualTo(90 * MIB);
        }
        assertThat(memory.taken()).isZero();
    }

    @Test
    void aStepThatWaitsInVainIsTriedAgain() {
        WorkerMemory impatient = new WorkerMemory(100 * MIB, Duration.ofMillis(20));
        try (WorkerMemory.Share first = impatient.share(SLICE, List.of(0));
                WorkerMemory.Share second = impatient.share(SLICE, List.of(1))) {
            second.take(50 * MIB);

            assertRefused(() -> first.take(60 * MIB), FailureKind.MEMORY_IN_USE, "will be retried");
        }
    }

    /** The other step gives nothing back, so a wait would not end. */
    @Test
    @Timeout(30)
    void aStepThatMustNotWaitFailsAtOnce() {
        try (WorkerMemory.Share first = memory.share(SLICE, List.of(0));
                WorkerMemory.Share second = memory.share(SLICE, List.of(1))) {
            second.take(50 * MIB);
            first.stopWaiting();

            assertRefused(() -> first.take(60 * MIB), FailureKind.MEMORY_IN_USE, "will be retried");
        }
    }

    @Test
    void aStepThatIsStoppedWhileItWaitsEnds() throws Exception {
        try (WorkerMemory.Share first = memory.share(SLICE, List.of(0));
                WorkerMemory.Share second = memory.share(SLICE, List.of(1))) {
            second.take(50 * MIB);
            Thread.currentThread().interrupt();

            assertRefused(() -> first.take(60 * MIB), FailureKind.MEMORY_IN_USE, "will be retried");
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void smallSumsAreTakenTogetherAndGivenBackLate() {
        WorkerMemory.Share share = memory.share(SLICE, List.of(0));
        for (int i = 0; i < 1_000; i++) {
            share.take(100);
        }
        long reserved = memory.taken();
        assertThat(reserved).isBetween(100_000L, MIB);

        share.take(10 * MIB);
        share.giveBack(10 * MIB + 99_900);

        assertThat(memory.taken()).isLessThanOrEqualTo(2 * reserved);
        share.close();
        assertThat(memory.taken()).isZero();
    }

    private static void assertRefused(ThrowingCallable call, FailureKind kind, String... words) {
        assertThatThrownBy(call).isInstanceOfSatisfying(TidemarkException.class, failure -> {
            assertThat(failure.kind()).isEqualTo(kind);
            assertThat(failure.getMessage()).contains(words);
        });
    }
}
