package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowClient;
import io.temporal.failure.ApplicationFailure;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Workflow;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.run.ConsumeProgress;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import io.tidemark.run.StateSize;
import io.tidemark.state.RecordCounts;
import io.tidemark.workflow.BatchRunWorkflow;
import io.tidemark.workflow.KafkaBatchWorkflow;
import io.tidemark.workflow.RunOrders;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Workflows with the real types, names and queries. Their only activity reads nothing: it sends a heartbeat and waits for
 * the test. A job with {@code fails} in its name fails.
 */
final class FakeWorker implements AutoCloseable {
    private final WorkflowServiceStubs service;
    private final WorkerFactory factory;

    FakeWorker(String address, CountDownLatch goOn) {
        service = WorkflowServiceStubs.newServiceStubs(
                WorkflowServiceStubsOptions.newBuilder().setTarget(address).build());
        factory = WorkerFactory.newInstance(WorkflowClient.newInstance(service));
        Worker worker = factory.newWorker(KafkaBatchWorkflow.TASK_QUEUE);
        worker.registerWorkflowImplementationTypes(Batch.class, Run.class);
        worker.registerActivitiesImplementations(new Reading(goOn));
        factory.start();
    }

    @Override
    public void close() {
        factory.shutdownNow();
        factory.awaitTermination(5, TimeUnit.SECONDS);
        service.shutdownNow();
    }

    private static RunSummary summary(JobSpec job, State state) {
        boolean done = state == State.DONE;
        boolean failed = state == State.FAILED;
        return new RunSummary(
                job.name(),
                job.input().topic(),
                job.output().topic(),
                "run",
                state,
                2,
                1,
                done ? 1 : 0,
                failed ? 1 : 0,
                0,
                1_000,
                done ? 1_000 : 0,
                0,
                null,
                0,
                done ? RecordCounts.folded(1_000, 9) : RecordCounts.NONE,
                done ? 7 : 0,
                0,
                0,
                1_000,
                done || failed ? 3_500 : 0,
                done ? List.of(new PartitionResult(0, 0, 1_000, RecordCounts.folded(1_000, 9), 7)) : List.of(),
                failed ? List.of(new PartitionProblem(0, FailureKind.TRUNCATED, "ends before 1000")) : List.of(),
                List.of(),
                null,
                null,
                done ? new StateSize(7, 90L) : null);
    }

    @ActivityInterface
    public interface ReadingActivity {
        @ActivityMethod(name = "consume")
        void consume(String topic);
    }

    private record Reading(CountDownLatch goOn) implements ReadingActivity {
        @Override
        public void consume(String topic) {
            Activity.getExecutionContext()
                    .heartbeat(new ConsumeProgress(
                            topic, List.of(new PartitionRange(0, 500, 1_000)), 500, 1_000, 500, 77));
            try {
                if (!goOn.await(30, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("the test did not let the reading end");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Accepts every request, except for partition 9 and 99 slices, and reports it. */
    abstract static class Control {
        public void mayFinish() {}

        public String finish() {
            return "finishes";
        }

        public void maySkip(int partition) {
            if (partition == 9) {
                throw new IllegalStateException("there is no partition 9");
            }
        }

        public String skip(int partition) {
            return "skips " + partition;
        }

        public void mayParallel(int slices) {}

        public String parallel(int slices) {
            return "takes " + slices;
        }

        public void orders(RunOrders orders) {}
    }

    public static final class Batch extends Control implements KafkaBatchWorkflow {
        private JobSpec job;
        private State state = State.STARTING;

        @Override
        public RunSummary run(JsonNode json, @Nullable String at) {
            job = JobCodec.read(json);
            state = State.RUNNING;
            BatchRunWorkflow body = Workflow.newChildWorkflowStub(
                    BatchRunWorkflow.class,
                    ChildWorkflowOptions.newBuilder()
                            .setWorkflowId(JobNames.workflowId(job.name()))
                            .build());
            try {
                RunSummary summary = body.run(job, 0);
                state = State.DONE;
                return summary;
            } finally {
                state = state == State.DONE ? State.DONE : State.FAILED;
            }
        }

        @Override
        public RunSummary status() {
            return summary(job, state);
        }

        @Override
        public void progress(RunSummary summary) {
            throw new UnsupportedOperationException("the body of this one sends none");
        }
    }

    public static final class Run extends Control implements BatchRunWorkflow {
        private JobSpec job;
        private State state = State.RUNNING;

        @Override
        public RunSummary run(JobSpec job, long nominal) {
            this.job = job;
            ReadingActivity activity = Workflow.newActivityStub(
                    ReadingActivity.class,
                    ActivityOptions.newBuilder()
                            .setStartToCloseTimeout(Duration.ofMinutes(1))
                            .setHeartbeatTimeout(Duration.ofMinutes(1))
                            .build());
            activity.consume(job.input().topic());
            if (job.name().contains("fails")) {
                state = State.FAILED;
                throw ApplicationFailure.newNonRetryableFailure(
                        "1 of 2 partitions failed: 0", FailureKind.PARTITIONS_FAILED.name());
            }
            state = State.DONE;
            return summary(job, State.DONE);
        }

        @Override
        public RunSummary status() {
            return summary(job, state);
        }
    }
}
