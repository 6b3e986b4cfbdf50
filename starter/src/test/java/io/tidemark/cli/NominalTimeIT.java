package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.client.WorkflowClient;
import io.temporal.common.SearchAttributeKey;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.tidemark.embedded.TemporalServer;
import io.tidemark.job.JobSpec;
import io.tidemark.run.CommitResult;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.ProduceResult;
import io.tidemark.run.RunPlan;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.state.PlanIdentity;
import io.tidemark.workflow.BatchActivities;
import io.tidemark.workflow.KafkaBatchWorkflow;
import io.tidemark.workflow.TidemarkWorkflows;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The nominal time of runs that a real schedule starts. */
@Timeout(120)
class NominalTimeIT {
    @TempDir
    Path folder;

    @Test
    void aRunOfAScheduleHasTheTimeOfTheSchedule() throws Exception {
        CompletableFuture<Long> nominal = new CompletableFuture<>();
        try (TemporalServer server = TemporalServer.forTests();
                TemporalConnection connection = TemporalConnection.open(server.target(), null, "")) {
            WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                    .setTarget(server.target())
                    .build());
            WorkerFactory factory = WorkerFactory.newInstance(WorkflowClient.newInstance(service));
            Worker worker = factory.newWorker(KafkaBatchWorkflow.TASK_QUEUE);
            TidemarkWorkflows.register(worker);
            worker.registerActivitiesImplementations(new Plans(nominal));
            String job = Cli.job(folder, "scheduled").toString();
            assertThat(Cli.run("schedule", "create", job, "--address", server.target())
                            .exitCode())
                    .isZero();
            // The worker starts late: the run has the time of the schedule all the same.
            assertThat(Cli.run("schedule", "trigger", job, "--address", server.target())
                            .exitCode())
                    .isZero();
            factory.start();
            try {
                long planned = nominal.join();

                OffsetDateTime scheduled = connection
                        .client()
                        .listExecutions("WorkflowType = '" + KafkaBatchWorkflow.TYPE + "'")
                        .findFirst()
                        .orElseThrow()
                        .getTypedSearchAttributes()
                        .get(SearchAttributeKey.forOffsetDateTime("TemporalScheduledStartTime"));
                assertThat(scheduled).isNotNull();
                assertThat(planned).isEqualTo(scheduled.toInstant().toEpochMilli());
            } finally {
                factory.shutdownNow();
                service.shutdownNow();
            }
        }
    }

    /** Has nothing to read. */
    record Plans(CompletableFuture<Long> nominal) implements BatchActivities {
        @Override
        public RunPlan listPartitions(JobSpec job, long at) {
            nominal.complete(at);
            return new RunPlan(
                    new PlanIdentity("fingerprint", 1, "input", "output", "state"),
                    1,
                    List.of(),
                    List.of(),
                    0,
                    0,
                    null,
                    List.of(),
                    0,
                    0,
                    null);
        }

        @Override
        public Staged consume(SliceRef slice, int split, List<PartitionRange> ranges, long beginBefore) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Staged aggregate(SliceRef slice, List<Staged> partials) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ProduceResult produce(SliceRef slice, Staged delta) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CommitResult commitOffsets(JobSpec job, String runId, PlanIdentity identity) {
            return new CommitResult(1, null);
        }
    }
}
