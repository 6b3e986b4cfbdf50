package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.TerminatedFailure;
import io.tidemark.run.RunSummary;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.testkit.Workload;
import io.tidemark.worker.TidemarkWorker;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Freezes a worker process (SIGSTOP) at a random moment of a run for longer than the heartbeat timeout, and resumes it
 * (SIGCONT) while other workers do its work.
 */
class FrozenWorkersIT {
    /** Approximate time of the first run of a worker process, in milliseconds. */
    private static final int RUN = 1_500;

    /** Longer than the heartbeat timeout, in milliseconds. */
    private static final int SILENT = 1_600;

    private static final int PARTITIONS = 8;

    private static final int AT_ONCE = 3;

    @TempDir
    Path folder;

    private ReadyWorkers processes;

    @Test
    void aWorkerThatResumesWhileItsSuccessorWorksDamagesNothing() {
        trials(Workload.row("R4 woken"), this::wakes);
    }

    @Test
    void anAttemptOfATerminatedRunThatResumesInTheNextRunDamagesNothing() {
        trials(Workload.row("R4 second run"), this::secondRun);
    }

    private void trials(String row, Trials.Body body) {
        try (ReadyWorkers ready = new ReadyWorkers(folder, AT_ONCE)) {
            processes = ready;
            Trials.of(row, FrozenWorkersIT.class, 3, 150)
                    .inLanes(AT_ONCE)
                    .run(trial -> WholeRun.onAServerThatAnswers(trial, body));
        }
    }

    private void wakes(Trial trial) throws Exception {
        int freeze = trial.random().nextInt(RUN);
        int asleep = SILENT + trial.random().nextInt(RUN);
        try (ReadyWorkers.Ready ready = processes.take();
                Workload workload = workload(trial)) {
            Rig rig = workload.rig();
            WorkerProcess zombie = ready.process();
            Scene scene = new Scene(ready.taskQueue());
            workload.send(trial.random());
            WorkflowStub run = scene.start(workload);
            WholeRun.pass(freeze);
            zombie.stop();
            try (TidemarkWorker successor = scene.worker(folder.resolve("woken-" + trial.seed()))) {
                WholeRun.pass(asleep);
                zombie.resume();
                trial.did("frozen after " + freeze + " ms for " + asleep + " ms, the run was then " + state(run));

                RunSummary end = Scene.result(run);

                trial.did(Attempts.of(Scene.client(), Scene.body(rig.job())).toString());
                WholeRun.judge(workload, end);
                // Close the frozen worker first: everything that it still does happens before it has ended.
                zombie.endGently();
                WholeRun.judge(workload, end);
                nextRun(scene, workload, trial);
            }
            WholeRun.forget(rig);
        }
    }

    private void secondRun(Trial trial) throws Exception {
        int freeze = trial.random().nextInt(RUN);
        int wake = trial.random().nextInt(RUN);
        // The second run has its own queue, because the server hands tasks to the pollers of a frozen worker for a
        // while, and that is not what this trial is about.
        Scene second = new Scene();
        try (ReadyWorkers.Ready ready = processes.take();
                Workload workload = workload(trial);
                TidemarkWorker successor = second.worker(folder.resolve("second-" + trial.seed()))) {
            Rig rig = workload.rig();
            WorkerProcess zombie = ready.process();
            Scene first = new Scene(ready.taskQueue());
            workload.send(trial.random());
            WorkflowStub run = first.start(workload);
            WholeRun.pass(freeze);
            zombie.stop();
            terminate(run, rig);

            WorkflowStub next = second.start(workload);
            WholeRun.pass(wake);
            zombie.resume();
            trial.did("frozen after " + freeze + " ms, woken " + wake + " ms into the next run, which was then "
                    + state(next));

            RunSummary end = Scene.result(next);

            trial.did(Attempts.of(Scene.client(), Scene.body(rig.job())).toString());
            WholeRun.judge(workload, end);
            zombie.endGently();
            WholeRun.judge(workload, end);
            nextRun(second, workload, trial);
            WholeRun.forget(rig);
        }
    }

    private static Workload workload(Trial trial) {
        return WholeRun.of(trial, PARTITIONS, trial.random().nextBoolean() ? 1 : 4);
    }

    /** Adds more records, which reveals stored totals that the frozen worker has damaged. */
    private static void nextRun(Scene scene, Workload workload, Trial trial) {
        workload.send(trial.random());
        WholeRun.judge(workload, scene.run(workload));
    }

    /** Terminates the run and its body, and waits until both have ended, so that the next run is not refused. */
    private static void terminate(WorkflowStub run, Rig rig) {
        run.terminate("by hand");
        assertThatThrownBy(() -> Scene.result(run)).hasCauseInstanceOf(TerminatedFailure.class);
        await().atMost(Duration.ofSeconds(30)).until(() -> !isRunning(Scene.body(rig.job())));
    }

    private static boolean isRunning(WorkflowStub workflow) {
        try {
            return workflow.describe().getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
        } catch (WorkflowNotFoundException e) {
            // The worker was frozen before it had started the body.
            return false;
        }
    }

    private static String state(WorkflowStub run) {
        return isRunning(run) ? "running" : "over";
    }
}
