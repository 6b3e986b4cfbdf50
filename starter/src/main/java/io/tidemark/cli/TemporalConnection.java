package io.tidemark.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.TaskQueueType;
import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.api.workflowservice.v1.DescribeTaskQueueRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.job.JobSpec;
import io.tidemark.job.form.Times;
import io.tidemark.temporal.TemporalProfile;
import io.tidemark.workflow.KafkaBatchWorkflow;
import io.tidemark.workflow.RunTime;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An open connection to a Temporal server.
 *
 * @param address {@code host:port}, for messages
 * @param taskQueue the queue that workflows are started on
 */
record TemporalConnection(
        String address, String taskQueue, WorkflowServiceStubs service, WorkflowClient client, ScheduleClient schedules)
        implements AutoCloseable {

    /** Enough for a distant server, and short because a person waits. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** How long a query waits for a worker: enough for a busy one, short because progress is redrawn meanwhile. */
    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(3);

    /**
     * Connects.
     *
     * @param address {@code host:port}, or null for that of the environment
     * @param namespace the namespace, or null for that of the environment
     * @throws CliException if no server answers
     */
    static TemporalConnection open(@Nullable String address, @Nullable String namespace, String taskQueue) {
        ClientConfigProfile profile = profile(address, namespace);
        requireHostAndPort(profile.getAddress());
        WorkflowServiceStubsOptions options = WorkflowServiceStubsOptions.newBuilder(
                        profile.toWorkflowServiceStubsOptions())
                .setRpcQueryTimeout(QUERY_TIMEOUT)
                .validateAndBuildWithDefaults();
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(options);
        try {
            service.connect(CONNECT_TIMEOUT);
        } catch (StatusRuntimeException | IllegalStateException e) {
            service.shutdownNow();
            throw Failures.temporal(options.getTarget(), status(e));
        }
        WorkflowClientOptions clientOptions = profile.toWorkflowClientOptions();
        WorkflowClient client = WorkflowClient.newInstance(service, clientOptions);
        // The schedule client does not take namespace and data converter from the service.
        ScheduleClientOptions scheduleOptions = ScheduleClientOptions.newBuilder()
                .setNamespace(client.getOptions().getNamespace())
                .setDataConverter(client.getOptions().getDataConverter())
                .build();
        return new TemporalConnection(
                options.getTarget(), taskQueue, service, client, ScheduleClient.newInstance(service, scheduleOptions));
    }

    /**
     * Returns the options with which {@code run}, {@code cron} and {@code schedule} start a workflow of the job.
     *
     * @param runTimeout the run timeout, or null for one that leaves the run its {@code limits.time}
     * @throws CliException if the run timeout is shorter than that
     */
    WorkflowOptions.Builder startOptions(JobSpec job, String workflowId, @Nullable Duration runTimeout) {
        Duration least = RunTime.leastTimeout(job);
        if (runTimeout != null && runTimeout.compareTo(least) < 0) {
            throw CliException.usage("--run-timeout is " + Times.text(runTimeout) + ", but limits.time is "
                    + Times.text(job.limits().time()) + ", for which a run needs at least " + Times.text(least)
                    + ". Leave --run-timeout out, or lower the limit, as in --set limits.time=30m");
        }
        return WorkflowOptions.newBuilder()
                .setWorkflowId(workflowId)
                .setTaskQueue(taskQueue)
                .setWorkflowRunTimeout(runTimeout == null ? RunTime.timeout(job) : runTimeout)
                .setMemo(Map.of(KafkaBatchWorkflow.ACCEPTED, true))
                .setStaticSummary(job.name() + ": " + job.input().topic() + " → "
                        + job.output().topic());
    }

    /**
     * Returns whether a worker may poll a task queue. False is certain; true also if the server does not say, or if the
     * last worker ended less than five minutes ago.
     */
    boolean mayHaveWorker(String queue) {
        try {
            return service.blockingStub()
                            .describeTaskQueue(DescribeTaskQueueRequest.newBuilder()
                                    .setNamespace(client.getOptions().getNamespace())
                                    .setTaskQueue(TaskQueue.newBuilder().setName(queue))
                                    .setTaskQueueType(TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
                                    .build())
                            .getPollersCount()
                    > 0;
        } catch (StatusRuntimeException e) {
            return true;
        }
    }

    @Override
    public void close() {
        service.shutdownNow();
    }

    private static ClientConfigProfile profile(@Nullable String address, @Nullable String namespace) {
        try {
            return TemporalProfile.load(address, namespace);
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            throw CliException.usage("the Temporal profile cannot be read: " + e.getMessage());
        }
    }

    /** A URL would be taken for the name of a host, and its failure would not say so. */
    private static void requireHostAndPort(@Nullable String address) {
        if (address != null && address.matches("https?://.*")) {
            throw CliException.usage("the address of the Temporal server must have the form host:port, such as "
                    + address.replaceFirst("https?://", "").replaceFirst("/.*", "") + ", but is " + address);
        }
    }

    private static Status status(RuntimeException e) {
        return e instanceof StatusRuntimeException rpc ? rpc.getStatus() : Status.UNAVAILABLE;
    }
}
