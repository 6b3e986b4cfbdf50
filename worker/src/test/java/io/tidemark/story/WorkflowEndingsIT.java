package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.api.enums.v1.EventType;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.workflowservice.v1.ResetWorkflowExecutionRequest;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowStub;
import io.tidemark.run.RunSummary;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.Transactions;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.testkit.Workload;
import io.tidemark.worker.TidemarkWorker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cancels, terminates, resets or times out a workflow while one of its steps is held, at every stage of a run. The step
 * continues at once or only after the next run. The next run must complete everything.
 */
class WorkflowEndingsIT {
    private static final List<Point> STAGES = List.of(
            Point.PLAN_IN_REGISTRATION,
            Point.CONSUME_READ,
            Point.AGGREGATE_STAGED,
            Point.PRODUCE_IN_SENDS,
            Point.PRODUCE_AFTER_SENDS,
            Point.PRODUCE_AFTER_COMMIT,
            Point.COMMIT_AFTER_SENDS);

    /** Stages for each build, out of seven; {@code -Pfaults} covers all of them. */
    private static final int EACH_BUILD = 3;

    private static final int AT_ONCE = 4;
    private static final int PARTITIONS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void theNextRunCompletesACancelledRun() {
        trials("cancelled", this::cancelled);
    }

    @Test
    void theNextRunCompletesATerminatedRun() {
        trials("terminated", this::terminated);
    }

    @Test
    void theNextRunCompletesARunThatTimedOut() {
        trials("timed out", this::timedOut);
    }

    @Test
    void theNextRunCompletesABodyThatWasReset() {
        trials("body reset", this::bodyReset);
    }

    @Test
    void theNextRunCompletesARunThatWasReset() {
        trials("run reset", this::runReset);
    }

    private void cancelled(Trial trial) {
        try (Held held = new Held(trial, Duration.ZERO)) {
            held.run().cancel();
            await().atMost(PATIENCE).until(() -> has(held.body(), EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED));
            // The delay may or may not be long enough for a heartbeat to tell the step; the step checks between two
            // units of its work.
            WholeRun.pass(trial.random().nextInt(1_500));
            held.hold.release();

            held.awaitEnd();

            // Readers of the output must not have to wait for the next run or for the transaction timeout of the
            // broker.
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(held.openTransactions()).isEmpty());
            held.nextRun();
        }
    }

    private void terminated(Trial trial) {
        try (Held held = new Held(trial, Duration.ZERO)) {
            held.run().terminate("by hand");
            held.awaitEnd();
            held.nextRun();
        }
    }

    private void timedOut(Trial trial) {
        try (Held held = new Held(trial, Duration.ofSeconds(2))) {
            if (trial.random().nextBoolean()) {
                WholeRun.pass(trial.random().nextInt(2_000));
                held.hold.release();
            }
            held.awaitEnd();
            held.nextRun();
        }
    }

    private void bodyReset(Trial trial) {
        try (Held held = new Held(trial, Duration.ZERO)) {
            reset(trial, held.body());
            held.awaitEnd();
            held.nextRun();
        }
    }

    private void runReset(Trial trial) {
        try (Held held = new Held(trial, Duration.ZERO)) {
            reset(trial, held.run());
            // If the run is reset to a point after the start of its body, it waits for that body, and so for the held
            // step.
            WholeRun.pass(trial.random().nextInt(500));
            held.hold.release();
            held.awaitEnd();
            held.nextRun();
        }
    }

    private void trials(String how, Trials.Body body) {
        Trials.of(Workload.row("R10 " + how), WorkflowEndingsIT.class, EACH_BUILD, 20 * STAGES.size())
                .inLanes(AT_ONCE)
                .run(trial -> WholeRun.onAServerThatAnswers(trial, body));
    }

    /** Resets a workflow to one of its completed workflow tasks. */
    private static void reset(Trial trial, WorkflowStub workflow) {
        List<Long> completed = Scene.client()
                .fetchHistory(workflow.getExecution().getWorkflowId())
                .getEvents()
                .stream()
                .filter(event -> event.getEventType() == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
                .map(HistoryEvent::getEventId)
                .toList();
        long to = trial.oneOf(completed);
        Scene.client()
                .getWorkflowServiceStubs()
                .blockingStub()
                .resetWorkflowExecution(ResetWorkflowExecutionRequest.newBuilder()
                        .setNamespace(Scene.client().getOptions().getNamespace())
                        .setWorkflowExecution(workflow.getExecution())
                        .setReason("by hand")
                        .setRequestId(UUID.randomUUID().toString())
                        .setWorkflowTaskFinishEventId(to)
                        .build());
        trial.did("reset to event " + to + " of " + completed);
    }

    private static boolean has(WorkflowStub workflow, EventType type) {
        return Scene.client().fetchHistory(workflow.getExecution().getWorkflowId()).getEvents().stream()
                .anyMatch(event -> event.getEventType() == type);
    }

    private static boolean isRunning(WorkflowStub workflow) {
        try {
            return workflow.describe().getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
        } catch (WorkflowNotFoundException e) {
            return false;
        }
    }

    /** A run with one step held at the stage of this trial. */
    private final class Held implements AutoCloseable {
        private final Trial trial;
        private final Scene scene = new Scene();
        private final Workload workload;
        private final Rig rig;
        private final Hold hold;
        private final TidemarkWorker worker;
        private final String id;

        /** Returns when the step is held, or when the run has ended before. Null means no run timeout. */
        Held(Trial trial, Duration runTimeout) {
            this.trial = trial;
            workload = Workload.of(
                    trial,
                    PARTITIONS,
                    job -> job.withObject("/limits").put("heartbeat", "1s").put("hostTimeout", "2s"));
            rig = workload.rig();
            Point stage = STAGES.get((int) ((trial.seed() - 1) * EACH_BUILD % STAGES.size()));
            boolean once = stage.name().startsWith("PLAN") || stage.name().startsWith("COMMIT");
            int nth = once ? 1 : 1 + trial.random().nextInt(PARTITIONS);
            hold = Hold.at(stage, nth);
            AtomicReference<Checkpoints> checkpoints = new AtomicReference<>(Checkpoints.NONE);
            worker = scene.worker(
                    folder.resolve("trial-" + trial.seed()),
                    point -> checkpoints.get().reached(point));
            workload.send(trial.random());
            if (stage != Point.PLAN_IN_REGISTRATION && trial.random().nextBoolean()) {
                WholeRun.judge(workload, scene.run(workload));
                workload.send(trial.random());
            }
            checkpoints.set(hold);
            WorkflowStub started = Scene.start(
                    Scene.client(),
                    Scene.options(scene.taskQueue())
                            .setWorkflowRunTimeout(runTimeout)
                            .build(),
                    workload);
            id = started.getExecution().getWorkflowId();
            await().atMost(PATIENCE).until(() -> hold.isReached() || !isRunning(run()));
            trial.did((hold.isReached() ? "held at " : "over before ") + stage + " number " + nth);
        }

        /** Returns the newest run of the workflow id. */
        WorkflowStub run() {
            return Scene.client().newUntypedWorkflowStub(id);
        }

        WorkflowStub body() {
            return Scene.body(rig.job());
        }

        /** Waits until the run and its body have ended, successfully or not. */
        void awaitEnd() {
            await().atMost(PATIENCE).until(() -> !isRunning(run()) && !isRunning(body()));
            trial.did("ended " + run().describe().getStatus());
            if (hold.isReached()) {
                // Otherwise there may be no output yet.
                Guarantees.noReaderSeesACountFall(rig);
            }
        }

        List<String> openTransactions() {
            return Transactions.in(rig.admin(), Set.of(TransactionState.ONGOING)).stream()
                    .map(TransactionListing::transactionalId)
                    .filter(each -> each.startsWith("tidemark/" + rig.job().name() + "/"))
                    .toList();
        }

        /** Runs the job again while the old attempt is held or has continued, and once more after it has ended. */
        void nextRun() {
            if (trial.random().nextBoolean()) {
                hold.release();
            }
            workload.send(trial.random());
            RunSummary end = scene.run(workload);
            WholeRun.judge(workload, end);
            hold.release();
            worker.close();
            WholeRun.judge(workload, end);
            WholeRun.forget(rig);
        }

        @Override
        public void close() {
            hold.release();
            worker.close();
            rig.close();
        }
    }
}
