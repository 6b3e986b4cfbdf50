package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.client.WorkflowStub;
import io.tidemark.run.RunSummary;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.testkit.Workload;
import io.tidemark.worker.TidemarkWorker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stops workers during a run, with and without a drain, and starts others. */
class DrainingWorkersIT {
    private static final List<Point> STAGES = List.of(
            Point.PLAN_IN_REGISTRATION,
            Point.CONSUME_READ,
            Point.AGGREGATE_STAGED,
            Point.PRODUCE_AFTER_SENDS,
            Point.PRODUCE_AFTER_COMMIT,
            Point.COMMIT_AFTER_SENDS);

    private static final int PARTITIONS = 4;

    /** The number of activities of each type if nothing is repeated; other workloads have more, by how much they close. */
    private static final Map<String, Integer> ONCE = Map.of(
            "listPartitions", 1,
            "consume", PARTITIONS,
            "aggregate", PARTITIONS,
            "produce", PARTITIONS,
            "commitOffsets", 1);

    /** A point that each type of activity passes, and how often. */
    private static final Map<Point, Integer> PASSED_ONCE = Map.of(
            Point.PLAN_BEFORE_REGISTRATION, 1,
            Point.CONSUME_READ, PARTITIONS,
            Point.AGGREGATE_STAGED, PARTITIONS,
            Point.PRODUCE_BEFORE_FENCE, PARTITIONS,
            Point.COMMIT_AFTER_FENCE, 1);

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int AT_ONCE = 4;

    @TempDir
    Path folder;

    @Test
    void afterADrainNothingIsRepeated() {
        Trials.of(Workload.row("R10 drained"), DrainingWorkersIT.class, STAGES.size(), 20 * STAGES.size())
                .inLanes(AT_ONCE)
                .run(trial -> WholeRun.onAServerThatAnswers(trial, this::drained));
    }

    @Test
    void theNextWorkerRepeatsInterruptedSteps() {
        Trials.of(Workload.row("R10 cut off"), DrainingWorkersIT.class, 2, 20 * STAGES.size())
                .inLanes(AT_ONCE)
                .run(trial -> WholeRun.onAServerThatAnswers(trial, this::cutOff));
    }

    @Test
    void aNewVersionIsDeployedInTheMiddleOfARun() {
        Trials.of(Workload.row("R10 deployed"), DrainingWorkersIT.class, 2, 20)
                .inLanes(AT_ONCE)
                .run(trial -> WholeRun.onAServerThatAnswers(trial, this::deployed));
    }

    @Test
    void aRunningStepCompletesDuringTheDrain() {
        Trials.of("R10 at work", DrainingWorkersIT.class, 1, 20)
                .inLanes(AT_ONCE)
                .run(trial -> WholeRun.onAServerThatAnswers(trial, this::atWork));
    }

    @Test
    void whatWasReadHereIsWrittenHereDuringTheDrain() {
        Trials.of("R10 written", DrainingWorkersIT.class, 1, 20)
                .inLanes(AT_ONCE)
                .run(trial -> WholeRun.onAServerThatAnswers(trial, this::written));
    }

    /** Stops a worker, and lets its step, which waits, continue after so many milliseconds. */
    private static void stopWhileHeld(TidemarkWorker worker, Hold hold, int millis) throws Exception {
        CompletableFuture<Void> stopping = CompletableFuture.runAsync(worker::close, Trials.later(0));
        WholeRun.pass(millis);
        hold.release();
        stopping.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Judges the rows of a run; returns what was attempted. */
    private static Attempts judged(Trial trial, Workload workload, RunSummary end) {
        Attempts attempts =
                Attempts.of(Scene.client(), Scene.body(workload.rig().job()));
        trial.did(attempts.toString());
        WholeRun.judge(workload, end);
        return attempts;
    }

    private void written(Trial trial) throws Exception {
        Scene scene = new Scene();
        Hold hold = Hold.at(Point.CONSUME_READ);
        try (Workload workload = workload(trial, "1m", 1)) {
            workload.send(trial.random());
            TidemarkWorker first = scene.worker(folder.resolve("first-" + trial.seed()), hold, PATIENCE);
            WorkflowStub run = scene.start(workload);
            hold.awaitReached();
            try (TidemarkWorker second = scene.worker(folder.resolve("second-" + trial.seed()))) {
                stopWhileHeld(first, hold, trial.random().nextInt(500));
                RunSummary end = Scene.result(run);

                Attempts attempts = judged(trial, workload, end);
                if (workload.variant() == Workload.Variant.PLAIN) {
                    assertThat(attempts.scheduled).containsEntry("consume", 1).containsEntry("produce", 1);
                }
                WholeRun.forget(workload.rig());
            }
        }
    }

    private void atWork(Trial trial) throws Exception {
        Scene scene = new Scene();
        Hold hold = Hold.at(Point.PRODUCE_IN_SENDS);
        AtomicBoolean committed = new AtomicBoolean();
        try (Workload workload = workload(trial, "1m", 1)) {
            workload.send(trial.random());
            TidemarkWorker worker = scene.worker(
                    folder.resolve("at-work-" + trial.seed()),
                    point -> {
                        hold.reached(point);
                        if (point == Point.PRODUCE_AFTER_COMMIT) {
                            committed.set(true);
                        }
                    },
                    PATIENCE);
            WorkflowStub run = scene.start(workload);
            hold.awaitReached();

            // Twice the heartbeat interval: a heartbeat would tell the step that it is cancelled.
            stopWhileHeld(worker, hold, 2_500);

            assertThat(committed).isTrue();
            run.terminate("the test is over");
        }
    }

    private void drained(Trial trial) throws Exception {
        Scene scene = new Scene();
        Path staging = folder.resolve("drained-" + trial.seed());
        Hold hold = hold(trial);
        Map<Point, Integer> passed = new ConcurrentHashMap<>();
        Checkpoints count = point -> {
            if (PASSED_ONCE.containsKey(point)) {
                passed.merge(point, 1, Integer::sum);
            }
        };
        try (Workload workload = workload(trial, "1m", PARTITIONS)) {
            workload.send(trial.random());
            TidemarkWorker first = scene.worker(
                    staging,
                    point -> {
                        count.reached(point);
                        hold.reached(point);
                    },
                    PATIENCE);
            WorkflowStub run = scene.start(workload);
            hold.awaitReached();

            stopWhileHeld(first, hold, trial.random().nextInt(500));
            try (TidemarkWorker second = scene.worker(staging, count)) {
                RunSummary end = Scene.result(run);

                Attempts attempts = judged(trial, workload, end);
                // The number of attempts is not checked: the server may lose a task that it hands to a poll which is
                // being closed. The task then comes again as a second attempt, although no step has started.
                if (workload.variant() == Workload.Variant.PLAIN) {
                    assertThat(attempts.scheduled).isEqualTo(ONCE);
                    assertThat(passed).isEqualTo(PASSED_ONCE);
                }
                WholeRun.forget(workload.rig());
            }
        }
    }

    private void cutOff(Trial trial) {
        Scene scene = new Scene();
        Path staging = folder.resolve("cut-" + trial.seed());
        boolean sameHost = trial.random().nextBoolean();
        Hold hold = hold(trial);
        try (Workload workload = workload(trial, "1s", PARTITIONS)) {
            workload.send(trial.random());
            WorkflowStub run;
            try (TidemarkWorker first = scene.worker(staging.resolve("first"), hold, Duration.ofMillis(1))) {
                run = scene.start(workload);
                hold.awaitReached();
            }
            try (TidemarkWorker second = scene.worker(staging.resolve(sameHost ? "first" : "second"))) {
                RunSummary end = Scene.result(run);

                trial.did(Attempts.of(Scene.client(), Scene.body(workload.rig().job()))
                        .toString());
                WholeRun.judge(workload, end);
                WholeRun.forget(workload.rig());
            }
        } finally {
            hold.release();
        }
    }

    private void deployed(Trial trial) throws Exception {
        Scene scene = new Scene();
        Path staging = folder.resolve("deployed-" + trial.seed());
        boolean sameHost = trial.random().nextBoolean();
        int after = trial.random().nextInt(1_500);
        try (Workload workload = workload(trial, sameHost ? "1m" : "2s", PARTITIONS);
                WorkerProcess old = ProductionWorker.start(folder, scene, staging.resolve("old"))) {
            workload.send(trial.random());
            WorkflowStub run = scene.start(workload);
            WholeRun.pass(after);
            trial.did("stopped after " + after + " ms, the new one " + (sameHost ? "in its place" : "beside it"));
            try (WorkerProcess next = sameHost ? inPlaceOf(old, scene, staging) : beside(old, scene, staging)) {
                RunSummary end = Scene.result(run);

                Attempts attempts = judged(trial, workload, end);
                if (sameHost && workload.variant() == Workload.Variant.PLAIN) {
                    assertThat(attempts.scheduled).isEqualTo(ONCE);
                }
                WholeRun.forget(workload.rig());
                assertThat(next.log()).doesNotContain("NonDeterministicException");
            }
        }
    }

    private WorkerProcess inPlaceOf(WorkerProcess old, Scene scene, Path staging) throws IOException {
        old.endGently();
        return ProductionWorker.start(folder, scene, staging.resolve("old"));
    }

    private WorkerProcess beside(WorkerProcess old, Scene scene, Path staging) throws IOException {
        WorkerProcess next = ProductionWorker.start(folder, scene, staging.resolve("new"));
        old.endGently();
        return next;
    }

    private static Hold hold(Trial trial) {
        Point stage = STAGES.get((int) ((trial.seed() - 1) % STAGES.size()));
        trial.did("held at " + stage);
        return Hold.at(stage);
    }

    /** Returns a job with a heartbeat timeout that a busy machine does not exceed. */
    private static Workload workload(Trial trial, String hostTimeout, int partitions) {
        return Workload.of(
                trial,
                partitions,
                job -> job.withObject("/limits").put("heartbeat", "4s").put("hostTimeout", hostTimeout));
    }
}
