package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.client.WorkflowStub;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.worker.TidemarkWorker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run with a budget succeeds, reports what it left, and the next run continues there. */
@Timeout(120)
class BudgetedRunIT {
    /** Longer than the planning of such a run takes. The test waits until the budget of time is used up. */
    private static final String TIME = "5s";

    @TempDir
    Path folder;

    private final Scene scene = new Scene();

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void runsWithABudgetOfRecordsContinueUntilNothingIsLeft(int partitionsPerSlice) {
        try (Rig rig = Rig.with(8, job -> {
                    job.put("partitionsPerSlice", partitionsPerSlice);
                    job.withObject("/budget").put("records", 1_000);
                });
                TidemarkWorker worker = scene.worker(folder)) {
            long total = 0;
            for (int partition = 0; partition < 8; partition++) {
                // Partitions have 0 to 1,470 records.
                rig.send(partition, 0, 30 * partition * partition);
                total += 30L * partition * partition;
            }

            List<Long> left = new ArrayList<>();
            long done = 0;
            do {
                RunSummary run = scene.run(rig.job());
                done += run.offsetsDone();
                left.add(run.left());
                assertThat(run.state()).isEqualTo(State.DONE);
                assertThat(run.offsetsDone()).isEqualTo(run.offsetsPlanned()).isLessThanOrEqualTo(1_000);
                assertThat(run.counts().folded()).isEqualTo(run.offsetsDone());
                assertThat(done + run.left()).isEqualTo(total);
                assertThat(run.leftBy()).isEqualTo(run.left() == 0 ? null : "budget.records 1000");
                Guarantees.noReaderSeesACountFall(rig);
                Guarantees.offsetsAreThoseOfTheState(rig);
            } while (left.get(left.size() - 1) > 0);

            assertThat(left).containsExactly(3_200L, 2_200L, 1_200L, 200L, 0L);
            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
        }
    }

    @Test
    void aRunWhoseTimeIsOverEndsBehindItsLastWholeSplitAndTheNextOneFinishes() {
        Hold hold = Hold.at(Point.CONSUME_READ);
        try (Rig rig = Rig.with(2, job -> {
                    splitsOfAHundred(job);
                    job.withObject("/limits").put("slicesInFlight", 1);
                });
                TidemarkWorker worker = scene.worker(folder, hold)) {
            rig.send(0, 0, 1_000);
            rig.send(1, 0, 1_000);
            WorkflowStub entry = scene.start(rig.job());
            hold.awaitReached();
            awaitItsTimeIsOver(rig);
            hold.release();

            RunSummary run = Scene.result(entry);

            assertThat(run.state()).isEqualTo(State.DONE);
            assertThat(List.of(run.done(), run.waiting(), run.failed())).containsExactly(0, 2, 0);
            assertThat(List.of(run.offsetsPlanned(), run.offsetsDone(), run.left()))
                    .containsExactly(2_000L, 100L, 1_900L);
            assertThat(run.leftBy()).isEqualTo("budget.time " + TIME);
            assertThat(rig.groupOffsets().values()).containsExactlyInAnyOrder(100L, 0L);
            int read = rig.groupOffsets().get(0) == 100 ? 0 : 1;
            Guarantees.rowsAreThoseOf(rig, Map.of(read, rig.sent().get(read).subList(0, 100)));
            Guarantees.offsetsAreThoseOfTheState(rig);

            RunSummary next = scene.run(rig.jobWith(job -> job.remove("budget")));

            assertThat(List.of(next.offsetsDone(), next.left())).containsExactly(1_900L, 0L);
            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
        }
    }

    @Test
    void aSplitThatWaitsForItsTurnUntilTheTimeIsOverIsNotRead() {
        Hold second = Hold.at(Point.CONSUME_READ, 2);
        AtomicInteger read = new AtomicInteger();
        Checkpoints points = point -> {
            if (point == Point.CONSUME_READ) {
                read.incrementAndGet();
            }
            second.reached(point);
        };
        try (Rig rig = Rig.with(1, BudgetedRunIT::splitsOfAHundred);
                TidemarkWorker worker = scene.workerWithOneReader(folder, points)) {
            rig.send(0, 0, 1_000);
            WorkflowStub entry = scene.start(rig.job());
            second.awaitReached();
            awaitItsTimeIsOver(rig);
            second.release();

            RunSummary run = Scene.result(entry);

            assertThat(read).as("splits read; eight were at the worker").hasValue(2);
            assertThat(run.state()).isEqualTo(State.DONE);
            // Which of the eight splits starts second is random; only a split that directly follows the first counts.
            assertThat(run.offsetsDone()).isIn(100L, 200L);
            assertThat(run.left()).isEqualTo(1_000 - run.offsetsDone());
            Guarantees.rowsAreThoseOf(rig, Map.of(0, rig.sent().get(0).subList(0, (int) run.offsetsDone())));
            Guarantees.offsetsAreThoseOfTheState(rig);

            assertThat(scene.run(rig.jobWith(job -> job.remove("budget"))).left())
                    .isZero();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aWorkerThatDiesCostsARunItsTimeAndNothingElse() throws IOException {
        try (Rig rig = Rig.with(1, job -> {
            splitsOfAHundred(job);
            job.withObject("/limits").put("heartbeat", "1s").put("hostTimeout", "2s");
        })) {
            rig.send(0, 0, 1_000);
            WorkflowStub entry;
            try (WorkerProcess victim = WorkerProcess.start(
                    folder,
                    HeldWorker.class,
                    Scene.temporal(),
                    SharedBroker.get().bootstrapServers(),
                    scene.taskQueue(),
                    folder.resolve("victim").toString(),
                    Point.CONSUME_READ.name())) {
                victim.awaitLine("ready");
                entry = scene.start(rig.job());
                victim.awaitLine(HeldWorker.REACHED + Point.CONSUME_READ);
                awaitItsTimeIsOver(rig);
            }
            try (TidemarkWorker other = scene.worker(folder.resolve("other"))) {
                RunSummary run = Scene.result(entry);

                assertThat(run.state()).isEqualTo(State.DONE);
                assertThat(List.of(run.offsetsDone(), run.left())).containsExactly(100L, 900L);
                Guarantees.rowsAreThoseOf(rig, Map.of(0, rig.sent().get(0).subList(0, 100)));

                assertThat(scene.run(rig.jobWith(job -> job.remove("budget"))).left())
                        .isZero();
                Guarantees.holdAtTheEnd(rig);
                assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
            }
        }
    }

    private static void splitsOfAHundred(ObjectNode job) {
        job.withObject("/limits").put("offsetsPerSplit", 100);
        job.withObject("/budget").put("time", TIME);
    }

    /** Waits until the budget of time of the current run is used up. Worker, server and test share a clock. */
    private static void awaitItsTimeIsOver(Rig rig) {
        long end = Scene.status(Scene.body(rig.job())).startedAt()
                + rig.job().budget().time().toMillis();
        while (System.currentTimeMillis() <= end) {
            LockSupport.parkNanos(10_000_000L);
        }
    }
}
