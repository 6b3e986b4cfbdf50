package io.tidemark.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.tidemark.cli.OutputReader;
import io.tidemark.cli.OutputReader.Row;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Scope;
import io.tidemark.run.RunSummary;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A workload on its servers: fills the topic, runs jobs over it, and checks their rows. */
final class BenchWork {

    /** The input topic. */
    static final String TOPIC = "bench-readings";

    private static final long SEED = 20061216;

    private final BenchServers servers;
    private final Workload workload;
    private final Truth truth;
    private final @Nullable JobSpec like;

    /** Creates the empty topic. */
    BenchWork(BenchServers servers, Workload workload) {
        this(servers, workload, new Truth(), null);
        servers.createTopic(TOPIC, workload.partitions());
    }

    private BenchWork(BenchServers servers, Workload workload, Truth truth, @Nullable JobSpec like) {
        this.servers = servers;
        this.workload = workload;
        this.truth = truth;
        this.like = like;
    }

    /** Returns the same work over the same topic, whose jobs compute what this one does instead of means. */
    BenchWork like(JobSpec job) {
        return new BenchWork(servers, workload, truth, job);
    }

    private ObjectNode job(String name) {
        return like == null ? workload.job(name, TOPIC) : workload.job(name, TOPIC, like);
    }

    /** Returns the expected rows of a job that has read everything. */
    Truth truth() {
        return truth;
    }

    /** Adds all records of the workload to the topic. Each batch has different readings. */
    void fill(int batch) {
        Map<String, Object> settings = servers.kafka().producer();
        settings.putAll(Map.of("compression.type", workload.compression(), "linger.ms", "50", "batch.size", "262144"));
        new BenchReadings(workload, SEED + batch).writeTo(TOPIC, settings, truth);
    }

    /**
     * Runs a job with a budget of one record for each partition: creates its topics and registers its partitions.
     * Returns seconds.
     */
    double firstRun(ChildJvm worker, String job) {
        ObjectNode small = job(job);
        small.putObject("budget").put("records", workload.partitions());
        return run(worker, job, small);
    }

    /** Runs a job. Returns the seconds from the start of the workflow to its result. */
    double run(ChildJvm worker, String job) {
        return run(worker, job, job(job));
    }

    private double run(ChildJvm worker, String name, ObjectNode job) {
        long begun = System.nanoTime();
        await(start(name, job), worker, name);
        return (System.nanoTime() - begun) / 1e9;
    }

    /** Starts a run. The worker may be started later. */
    CompletableFuture<RunSummary> start(String job) {
        return start(job, job(job));
    }

    private CompletableFuture<RunSummary> start(String name, ObjectNode job) {
        WorkflowStub run = servers.client()
                .newUntypedWorkflowStub(
                        KafkaBatchWorkflow.TYPE,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(runId(name))
                                .setTaskQueue(KafkaBatchWorkflow.TASK_QUEUE)
                                .build());
        run.start(job);
        return run.getResultAsync(RunSummary.class);
    }

    /** Waits for the run. Fails if the worker ends before. */
    void await(CompletableFuture<RunSummary> result, ChildJvm worker, String job) {
        CompletableFuture.anyOf(result, worker.exit()).join();
        if (!result.isDone()) {
            throw new IllegalStateException(
                    "the worker ended during " + job + "; the end of its log:" + worker.lastLines());
        }
        RunSummary summary = result.join();
        if (summary.state() != RunSummary.State.DONE) {
            throw new IllegalStateException(job + " ended " + summary.state() + ": " + summary.error());
        }
    }

    /** Checks the rows of a job. */
    void check(String job) {
        List<Row> rows = OutputReader.read(servers.kafka(), Workload.outputTopic(job), null);
        if (like == null) {
            truth.check(rows);
        } else {
            (like.scope() == Scope.TOPIC ? truth.overAllPartitions() : truth)
                    .check(rows, Columns.of(like), Truth.RELATIVE_ERROR);
        }
    }

    /** Returns the number of events in the history of the last body. */
    int historyLength(String job) {
        return servers.client()
                .fetchHistory(JobNames.workflowId(job))
                .getEvents()
                .size();
    }

    /** Returns the tasks of the last run of a job. */
    Timeline timeline(String job) {
        return new Timeline(servers.client(), List.of(runId(job), JobNames.workflowId(job)));
    }

    private static String runId(String job) {
        return job + "-run";
    }
}
