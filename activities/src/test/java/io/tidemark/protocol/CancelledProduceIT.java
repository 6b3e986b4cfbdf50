package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidemark.run.Staged;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.IsolationLevel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A produce that is cancelled is not retried, nor is one whose run has no time left, so no fence would abort its
 * transaction. It aborts the transaction itself, so that readers of the output do not wait for the broker's timeout.
 */
@LifecycleSuite
@Execution(ExecutionMode.CONCURRENT)
class CancelledProduceIT {
    /** Far below {@code transaction.timeout.ms}. */
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    @ParameterizedTest(name = "at report {0}")
    // Reports at which the step is cancelled: two before the transaction, one after the rows of each partition, one
    // after everything is sent.
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void itLeavesNoTransactionOpenWhereverItIsCancelled(int report) {
        try (Rig rig = Rig.afterAFirstRun()) {
            Map<String, ?> oldRows = rig.rows();
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            AtomicInteger reports = new AtomicInteger();

            assertThatThrownBy(() -> produce(rig, run, delta, Checkpoints.NONE, (left, records) -> {
                        if (reports.incrementAndGet() == report) {
                            throw new CancellationException("cancelled");
                        }
                    }))
                    .isExactlyInstanceOf(CancellationException.class)
                    .hasNoSuppressedExceptions();

            requireNothingOpen(rig);
            assertThat(rig.rows()).isEqualTo(oldRows);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"PRODUCE_IN_SENDS", "PRODUCE_AFTER_SENDS"})
    void itLeavesNoTransactionOpenWhateverElseEndsIt(Point fault) {
        try (Rig rig = Rig.afterAFirstRun()) {
            Map<String, ?> oldRows = rig.rows();
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            Checkpoints faulty = point -> {
                if (point == fault) {
                    throw new IllegalStateException("a fault");
                }
            };

            assertThatThrownBy(() -> produce(rig, run, delta, faulty, (left, records) -> {}))
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasNoSuppressedExceptions();

            requireNothingOpen(rig);
            assertThat(rig.rows()).isEqualTo(oldRows);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    /** A worker that stops interrupts its activities, and Kafka's client does nothing in an interrupted thread. */
    @Test
    void itLeavesNoTransactionOpenInAThreadThatIsInterrupted() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            Checkpoints interrupted = point -> {
                if (point == Point.PRODUCE_IN_SENDS) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("a fault");
                }
            };

            assertThatThrownBy(() -> produce(rig, run, delta, interrupted, (left, records) -> {}))
                    .isExactlyInstanceOf(IllegalStateException.class);

            assertThat(Thread.interrupted()).as("the caller sees the interrupt").isTrue();
            requireNothingOpen(rig);
        }
    }

    private static void requireNothingOpen(Rig rig) {
        await().atMost(AT_ONCE)
                .untilAsserted(() -> assertThat(rig.ends(rig.output(), IsolationLevel.READ_COMMITTED))
                        .as("last stable offsets of the output")
                        .isEqualTo(rig.ends(rig.output(), IsolationLevel.READ_UNCOMMITTED)));
    }

    @Test
    void itEndsCancelledAlsoWhereANewerAttemptHasTakenOver() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            AtomicInteger sent = new AtomicInteger();
            Checkpoints overtaken = point -> {
                if (point == Point.PRODUCE_IN_SENDS) {
                    rig.runAll();
                    sent.incrementAndGet();
                }
            };

            assertThatThrownBy(() -> produce(rig, run, delta, overtaken, (left, records) -> {
                        if (sent.get() > 0) {
                            throw new CancellationException("cancelled");
                        }
                    }))
                    .isExactlyInstanceOf(CancellationException.class);

            Guarantees.holdAtTheEnd(rig);
        }
    }

    private static void produce(
            Rig rig, StepwiseRun run, Staged delta, Checkpoints checkpoints, StepProgress progress) {
        new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), checkpoints)
                .produce(run.slice(0), delta, progress);
    }
}
