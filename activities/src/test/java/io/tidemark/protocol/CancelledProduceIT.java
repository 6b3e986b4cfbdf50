package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidemark.pipeline.Checkpoints;
import io.tidemark.pipeline.Checkpoints.Point;
import io.tidemark.pipeline.ProduceStep;
import io.tidemark.pipeline.StepProgress;
import io.tidemark.pipeline.WorkerMemory;
import io.tidemark.run.Staged;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A produce whose run is cancelled is not tried again, so no fence comes to end what it leaves open: it ends its
 * transaction itself, and readers of the output do not wait for the broker's timeout.
 */
class CancelledProduceIT {
    private static final int PARTITIONS = 2;

    /** Far below {@code transaction.timeout.ms}. */
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    @ParameterizedTest(name = "at report {0}")
    // Two come before the transaction, one after each partition's rows, one when everything is sent.
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void itLeavesNoTransactionOpenWhereverItIsCancelled(int report) {
        try (Rig rig = afterAFirstRun()) {
            Map<String, ?> oldRows = rig.rows();
            Rig.Run run = rig.newRun();
            Staged delta = run.delta(0);
            AtomicInteger reports = new AtomicInteger();

            assertThatThrownBy(() -> produce(rig, run, delta, Checkpoints.NONE, (left, records) -> {
                        if (reports.incrementAndGet() == report) {
                            throw new CancellationException("cancelled");
                        }
                    }))
                    .isExactlyInstanceOf(CancellationException.class)
                    .hasNoSuppressedExceptions();

            await().atMost(AT_ONCE)
                    .untilAsserted(() -> assertThat(ends(rig, IsolationLevel.READ_COMMITTED))
                            .as("last stable offsets of the output")
                            .isEqualTo(ends(rig, IsolationLevel.READ_UNCOMMITTED)));
            assertThat(rig.rows()).isEqualTo(oldRows);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void itEndsCancelledAlsoWhereANewerAttemptHasTakenOver() {
        try (Rig rig = afterAFirstRun()) {
            Rig.Run run = rig.newRun();
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

    /** Both partitions in one slice, and new readings that change the rows of a first run. */
    private static Rig afterAFirstRun() {
        Rig rig = Rig.with(PARTITIONS, json -> json.put("partitionsPerSlice", PARTITIONS));
        rig.send(0, 0, 50);
        rig.send(1, 0, 30);
        rig.runAll();
        rig.send(0, 50, 70);
        rig.send(1, 30, 90);
        return rig;
    }

    private static void produce(Rig rig, Rig.Run run, Staged delta, Checkpoints checkpoints, StepProgress progress) {
        new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), checkpoints)
                .produce(run.slice(0), delta, progress);
    }

    private static Map<Integer, Long> ends(Rig rig, IsolationLevel isolation) {
        Map<Integer, Long> ends = new TreeMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            TopicPartition output = new TopicPartition(rig.output(), partition);
            ends.put(
                    partition,
                    Rig.get(rig.admin()
                                    .listOffsets(Map.of(output, OffsetSpec.latest()), new ListOffsetsOptions(isolation))
                                    .partitionResult(output))
                            .offset());
        }
        return ends;
    }
}
