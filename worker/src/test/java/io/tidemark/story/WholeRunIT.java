package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.worker.TidemarkWorker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Complete runs of the tutorial job, checked as an operator sees them. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class WholeRunIT {
    private static final int PARTITIONS = 8;
    /** Half a day of readings, so that two runs contribute to one day. */
    private static final int READINGS = 720;

    @TempDir
    Path staging;

    private final Scene scene = new Scene();

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void allRowsAreWrittenAndTheSummaryIsRight(int partitionsPerSlice) {
        try (Rig rig = Rig.with(PARTITIONS, job -> job.put("partitionsPerSlice", partitionsPerSlice));
                TidemarkWorker worker = scene.worker(staging)) {
            sendToAll(rig, 0);

            WorkflowStub entry = scene.start(rig.job());
            RunSummary first = Scene.result(entry);

            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
            assertThat(first.state()).isEqualTo(State.DONE);
            assertThat(first.job()).isEqualTo(rig.job().name());
            assertThat(first.input()).isEqualTo(rig.input());
            assertThat(first.output()).isEqualTo(rig.output());
            assertThat(List.of(first.partitions(), first.idle(), first.done(), first.failed()))
                    .containsExactly(PARTITIONS, 0, PARTITIONS, 0);
            assertThat(List.of(first.offsetsPlanned(), first.offsetsDone(), first.left()))
                    .containsExactly(PARTITIONS * 720L, PARTITIONS * 720L, 0L);
            assertThat(first.counts().folded()).isEqualTo(PARTITIONS * READINGS);
            assertThat(first.counts().bad()).isZero();
            assertThat(first.rows()).isEqualTo(rig.rows().size());
            assertThat(first.endedAt()).isGreaterThan(first.startedAt());
            assertThat(first.problems()).isEmpty();
            assertThat(first.warnings()).singleElement().asString().contains("its state grows");
            assertThat(first.error()).isNull();
            assertThat(first.details())
                    .extracting(PartitionResult::partition, PartitionResult::from, PartitionResult::through)
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, PARTITIONS)
                            .mapToObj(partition -> tuple(partition, 0L, (long) READINGS))
                            .toList());
            assertThat(Scene.status(entry)).isEqualTo(first);
            assertThat(Scene.status(Scene.body(rig.job()))).isEqualTo(first);

            sendToAll(rig, READINGS);
            RunSummary second = scene.run(rig.job());

            Guarantees.holdAtTheEnd(rig);
            assertThat(second.runId()).isNotEqualTo(first.runId());
            assertThat(second.counts().folded()).isEqualTo(PARTITIONS * READINGS);
        }
    }

    @Test
    void aRunWithNothingNewFindsAllPartitionsIdle() {
        try (Rig rig = Rig.voltage(PARTITIONS);
                TidemarkWorker worker = scene.worker(staging)) {
            sendToAll(rig, 0);
            RunSummary first = scene.run(rig.job());

            long start = System.nanoTime();
            RunSummary idle = scene.run(rig.job());
            long millis = (System.nanoTime() - start) / 1_000_000;

            System.out.println("a run with nothing new over " + PARTITIONS + " partitions took " + millis
                    + " ms; the run before it, with " + first.counts().folded() + " records, "
                    + (first.endedAt() - first.startedAt()) + " ms");
            assertThat(idle.state()).isEqualTo(State.DONE);
            assertThat(List.of(idle.partitions(), idle.idle(), idle.done(), idle.failed()))
                    .containsExactly(PARTITIONS, PARTITIONS, 0, 0);
            assertThat(List.of(idle.offsetsPlanned(), idle.rows(), idle.left())).containsExactly(0L, 0L, 0L);
            assertThat(idle.details()).isEmpty();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aRunThatFiltersEveryRecordSucceedsAndWarns() {
        try (Rig rig = Rig.with(2, job -> job.put("where", "voltage > 231.5 && !has(test)"));
                TidemarkWorker worker = scene.worker(staging)) {
            rig.sendRaw(0, "{\"voltage\":231.5}".getBytes(StandardCharsets.UTF_8));
            rig.flush();

            RunSummary filtered = scene.run(rig.job());

            assertThat(filtered.state()).isEqualTo(State.DONE);
            assertThat(filtered.counts().filtered()).isOne();
            assertThat(filtered.counts().offsets()).isOne();
            assertThat(filtered.warnings())
                    .filteredOn(each -> each.contains("where"))
                    .singleElement()
                    .asString()
                    .startsWith("No record was folded: where filtered 1 record.");

            // Their voltages are from 230 to 239.96.
            rig.send(1, 0, READINGS);
            RunSummary some = scene.run(rig.job());

            assertThat(some.counts().folded()).isPositive();
            assertThat(some.counts().filtered()).isPositive();
            assertThat(some.counts().offsets()).isEqualTo(READINGS);
            assertThat(some.warnings()).isEmpty();
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
        }
    }

    @Test
    void theStatusOfARunShowsItsProgress() {
        Hold hold = Hold.at(Point.PRODUCE_DECIDED, 2);
        try (Rig rig = Rig.with(3, job -> job.withObject("/limits").put("slicesInFlight", 1));
                TidemarkWorker worker = scene.worker(staging, hold)) {
            sendToAll(rig, 0);
            WorkflowStub entry = scene.start(rig.job());
            hold.awaitReached();

            RunSummary body = Scene.status(Scene.body(rig.job()));
            RunSummary told = Scene.status(entry);

            assertThat(body.state()).isEqualTo(State.RUNNING);
            assertThat(List.of(body.partitions(), body.done(), body.failed())).containsExactly(3, 1, 0);
            assertThat(List.of(body.offsetsPlanned(), body.offsetsDone())).containsExactly(3L * 720, 720L);
            assertThat(told.state()).isEqualTo(State.RUNNING);
            assertThat(told.offsetsPlanned()).isEqualTo(3L * READINGS);
            assertThat(told.runId()).isEqualTo(body.runId());

            hold.release();
            assertThat(Scene.result(entry).done()).isEqualTo(3);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aPartitionWithARetentionGapIsNamedAndTheOthersAreDurable() {
        try (Rig rig = Rig.voltage(PARTITIONS);
                TidemarkWorker worker = scene.worker(staging)) {
            sendToAll(rig, 0);
            scene.run(rig.job());
            Map<Integer, List<String>> expected = copyOf(rig.sent());
            sendToAll(rig, READINGS);
            rig.sent().forEach((partition, values) -> {
                if (partition != 5) {
                    expected.put(partition, List.copyOf(values));
                }
            });
            deleteBefore(rig, 5, READINGS + 10);

            WorkflowStub entry = scene.start(rig.job());
            ApplicationFailure failure = Scene.failure(entry);
            RunSummary end = failure.getDetails().get(0, RunSummary.class);

            assertThat(failure.getType()).isEqualTo(FailureKind.PARTITIONS_FAILED.name());
            assertThat(failure.getOriginalMessage())
                    .startsWith("1 of 8 partitions of " + rig.input() + " failed: 5. " + rig.input()
                            + "[5] RETENTION_GAP: ")
                    .contains("10 offsets");
            assertThat(end.problems())
                    .extracting(PartitionProblem::partition, PartitionProblem::kind)
                    .containsExactly(tuple(5, FailureKind.RETENTION_GAP));
            assertThat(List.of(end.idle(), end.done(), end.failed())).containsExactly(0, 7, 1);
            assertThat(Scene.status(entry)).isEqualTo(end);
            Guarantees.rowsAreThoseOf(rig, expected);
            Guarantees.offsetsAreThoseOfTheState(rig);

            // The next run names it again and still processes the other partitions.
            rig.send(0, 2 * READINGS, 2 * READINGS + 5);
            expected.put(0, List.copyOf(rig.sent().get(0)));
            RunSummary next = Scene.failure(scene.start(rig.job())).getDetails().get(0, RunSummary.class);
            assertThat(List.of(next.idle(), next.done(), next.failed())).containsExactly(6, 1, 1);
            Guarantees.rowsAreThoseOf(rig, expected);
            Guarantees.offsetsAreThoseOfTheState(rig);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void theNextRunHealsAPartitionWithTooManyBadRecords(int partitionsPerSlice) {
        try (Rig rig = Rig.with(PARTITIONS, job -> {
                    job.put("partitionsPerSlice", partitionsPerSlice);
                    job.withObject("/badRecords").put("limit", 1);
                });
                TidemarkWorker worker = scene.worker(staging)) {
            rig.sendRaw(4, "not a reading".getBytes(StandardCharsets.UTF_8));
            rig.sendRaw(4, "{}".getBytes(StandardCharsets.UTF_8));
            sendToAll(rig, 0);
            Map<Integer, List<String>> expected = copyOf(rig.sent());
            expected.remove(4);

            ApplicationFailure failure = Scene.failure(scene.start(rig.job()));

            assertThat(failure.getOriginalMessage())
                    .contains(rig.input() + "[4] TOO_MANY_BAD_RECORDS")
                    .doesNotContain("not a reading");
            Guarantees.rowsAreThoseOf(rig, expected);
            Guarantees.offsetsAreThoseOfTheState(rig);

            JobSpec patient = rig.jobWith(job -> job.withObject("/badRecords").put("limit", 2));
            RunSummary healed = scene.run(patient);

            assertThat(List.of(healed.idle(), healed.done(), healed.failed())).containsExactly(7, 1, 0);
            assertThat(healed.counts().deadLettered()).isEqualTo(2);
            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
        }
    }

    @Test
    void aBacklogInPiecesGivesTheSameRows() {
        try (Rig rig = Rig.with(
                        2,
                        job -> job.withObject("/limits")
                                .put("offsetsPerPiece", 500)
                                .put("offsetsPerSplit", 100));
                TidemarkWorker worker = scene.worker(staging)) {
            rig.send(0, 0, 2100);
            rig.send(1, 0, 90);

            RunSummary run = scene.run(rig.job());

            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
            assertThat(run.counts().folded()).isEqualTo(2190);
            // Five pieces of partition 0; the third contains the end of one day and the start of the next.
            assertThat(rig.history()).hasSize(7);
            assertThat(run.rows()).isEqualTo(7);
        }
    }

    @Test
    void aRunThatReadsAPartOfTheBacklogReportsTheRest() {
        try (Rig rig = Rig.with(2, job -> job.withObject("/limits").put("offsetsPerRun", 300));
                TidemarkWorker worker = scene.worker(staging)) {
            rig.send(0, 0, 1000);
            rig.send(1, 0, 100);

            RunSummary first = scene.run(rig.job());

            assertThat(List.of(first.offsetsPlanned(), first.offsetsDone(), first.left()))
                    .containsExactly(400L, 400L, 700L);
            assertThat(first.state()).isEqualTo(State.DONE);
            assertThat(rig.groupOffsets()).isEqualTo(Map.of(0, 300L, 1, 100L));
            Guarantees.rowsAreThoseOf(
                    rig,
                    Map.of(
                            0, rig.sent().get(0).subList(0, 300),
                            1, rig.sent().get(1)));

            assertThat(scene.run(rig.job()).left()).isEqualTo(400);
            assertThat(scene.run(rig.job()).left()).isEqualTo(100);
            RunSummary last = scene.run(rig.job());
            assertThat(List.of(last.left(), last.offsetsDone())).containsExactly(0L, 100L);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    private static void sendToAll(Rig rig, int from) {
        int partitions = rig.partitionCount(rig.input());
        for (int partition = 0; partition < partitions; partition++) {
            // Partitions have different days, and days span runs.
            int first = partition * 100 + from;
            rig.send(
                    partition,
                    IntStream.range(first, first + READINGS)
                            .mapToObj(Reading::number)
                            .toList());
        }
    }

    private static Map<Integer, List<String>> copyOf(Map<Integer, List<String>> sent) {
        Map<Integer, List<String>> copy = new TreeMap<>();
        sent.forEach((partition, values) -> copy.put(partition, List.copyOf(values)));
        return copy;
    }

    private static void deleteBefore(Rig rig, int partition, long offset) {
        Rig.get(rig.admin()
                .deleteRecords(Map.of(new TopicPartition(rig.input(), partition), RecordsToDelete.beforeOffset(offset)))
                .all());
    }
}
