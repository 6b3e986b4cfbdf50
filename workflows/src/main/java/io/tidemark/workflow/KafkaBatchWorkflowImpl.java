package io.tidemark.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInfo;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.JobSpec.Overlap;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.job.form.Times;
import io.tidemark.run.FailureKind;
import io.tidemark.run.Notice;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the job, and runs its body as a child workflow. */
public class KafkaBatchWorkflowImpl implements KafkaBatchWorkflow {
    /**
     * How long a job that only a newer release can read waits for a worker of that release: longer than a rolling update
     * of the workers. After this time the run fails and says that the workers are too old.
     */
    static final Duration ROLLING_UPDATE = Duration.ofMinutes(10);

    /** The longest name of a job. */
    private static final int LONGEST_NAME = 63;

    private final Set<Notice.Type> wanted;
    private RunSummary status = RunLedger.nothing();
    private String details = "";
    private @Nullable String late;
    /** The body of the run while it is in progress. */
    private @Nullable BatchRunWorkflow running;

    /** Makes the workflow of a worker that sends these notices. */
    KafkaBatchWorkflowImpl(Set<Notice.Type> wanted) {
        this.wanted = wanted;
    }

    @Override
    public RunSummary run(@Nullable JsonNode json, @Nullable String at) {
        long startedAt = Workflow.currentTimeMillis();
        Notices notices = new Notices(wanted, name(json), startedAt);
        try {
            JobSpec job = read(json);
            requireOtherId(job);
            long nominal = NominalTime.of(at, startedAt);
            notices.about(job, nominal);
            RunSummary end = watched(job, nominal, startedAt, notices);
            notices.succeeded(end);
            notices.awaitStored();
            return status();
        } catch (ApplicationFailure e) {
            notices.failed(e, status);
            notices.awaitStored();
            throw e;
        }
    }

    private RunSummary watched(JobSpec job, long nominal, long startedAt, Notices notices) {
        RunLedger sums = new RunLedger(job, Workflow.getInfo().getRunId(), startedAt);
        status = sums.summary();
        Deadline deadline = Deadline.watch(job, nominal, warning -> {
            late = warning;
            show(details);
            notices.late(warning, status);
        });
        RunSummary end;
        try {
            end = run(job, nominal, startedAt);
        } catch (TemporalFailure e) {
            deadline.end();
            throw ended(job, sums, e);
        }
        deadline.end();
        return end;
    }

    private RunSummary run(JobSpec job, long nominal, long startedAt) {
        Backoff backoff = new Backoff();
        while (true) {
            BatchRunWorkflow body = Workflow.newChildWorkflowStub(BatchRunWorkflow.class, options(job, startedAt));
            Promise<RunSummary> result = Async.function(body::run, job, nominal);
            try {
                WorkflowExecution started = Workflow.getWorkflowExecution(body).get();
                running = body;
                show(RunLabels.started(
                        Workflow.getInfo().getNamespace(), started, RunAttributes.schedule(), job.name()));
                status = result.get();
                return status;
            } catch (ChildWorkflowFailure e) {
                if (Failures.cancelled() || !busy(e) || job.overlap() == Overlap.REFUSE) {
                    throw e;
                }
            } finally {
                running = null;
            }
            show(RunLabels.waiting(JobNames.workflowId(job.name())));
            // The run timeout of this workflow is the only limit to the number of attempts.
            backoff.pause();
        }
    }

    private void show(String text) {
        details = text;
        Workflow.setCurrentDetails(late == null ? text : late + "\n\n" + text);
    }

    /** A late run has a warning more than its body knows of. */
    @Override
    public RunSummary status() {
        return late == null ? status : status.withWarning(late);
    }

    @Override
    public void progress(RunSummary summary) {
        status = summary;
    }

    /** Returns the name of a job that may be wrong elsewhere, or an empty text. */
    private static String name(@Nullable JsonNode json) {
        String name = json == null ? "" : json.path("name").asText();
        return name.length() <= LONGEST_NAME ? name : "";
    }

    @Override
    public void mayFinish() {
        requireBody();
    }

    @Override
    public String finish() {
        passOn(RunOrders.toFinish());
        return RunControl.finishes(status.job());
    }

    @Override
    public void maySkip(int partition) {
        requireBody();
        if (partition < 0) {
            throw new IllegalArgumentException("a partition has a number of at least 0, but this is " + partition);
        }
    }

    @Override
    public String skip(int partition) {
        passOn(RunOrders.toSkip(partition));
        return RunControl.skips(status.job(), partition);
    }

    @Override
    public void mayParallel(int slices) {
        requireBody();
        RunControl.requireSlices(slices);
    }

    @Override
    public String parallel(int slices) {
        passOn(RunOrders.toTake(slices));
        return RunControl.takes(status.job(), slices);
    }

    private void requireBody() {
        if (running == null) {
            throw new IllegalStateException("the run of " + status.job()
                    + " has not begun, or waits for another run of the job to end. To give it up, cancel it with"
                    + " ./tidemark cancel " + Workflow.getInfo().getWorkflowId());
        }
    }

    private void passOn(RunOrders orders) {
        BatchRunWorkflow body = running;
        try {
            if (body != null) {
                body.orders(orders);
                return;
            }
        } catch (TemporalFailure e) {
            // It has ended meanwhile.
        }
        throw Failures.fatal(FailureKind.UNEXPECTED.name(), "the run of " + status.job() + " has just ended");
    }

    private static JobSpec read(@Nullable JsonNode json) {
        try {
            if (json == null || json.isNull() || json.isMissingNode()) {
                throw new InvalidJobException(
                        "", "there is no job; start the workflow with the job, in JSON, as its first input");
            }
            return JobCodec.read(json);
        } catch (InvalidJobException e) {
            throw refused(String.valueOf(e.getMessage()), e.path(), e.problem());
        } catch (RuntimeException e) {
            // An unexpected exception would make Temporal retry the workflow task for ever.
            throw refused("the job cannot be read: " + e, "", e.toString());
        }
    }

    /** Refuses the id of the body: the run would find it taken by itself. */
    private static void requireOtherId(JobSpec job) {
        String id = Workflow.getInfo().getWorkflowId();
        if (id.equals(JobNames.workflowId(job.name()))) {
            String problem =
                    "the workflow id " + id + " is reserved for the body of this job's runs, which this workflow"
                            + " starts. Start the workflow with another id, such as " + job.name() + "-run";
            throw invalid(problem, "", problem);
        }
    }

    /**
     * Returns the failure of the run, or of the workflow task if a worker of a newer release may accept the job: one
     * that the command line has accepted.
     */
    private static RuntimeException refused(String message, String path, String problem) {
        if (!Boolean.TRUE.equals(Workflow.getMemo(ACCEPTED, Boolean.class))) {
            return invalid(message, path, problem);
        }
        WorkflowInfo info = Workflow.getInfo();
        long age = Workflow.currentTimeMillis() - info.getRunStartedTimestampMillis();
        // A cron run counts as started when the run before it ended, so its age says nothing.
        if (!info.getCronSchedule().isEmpty() || age < ROLLING_UPDATE.toMillis()) {
            return new IllegalStateException(
                    "this worker refuses a job that the command line has accepted, so it is of an"
                            + " older release. The task waits for a newer worker; update the workers. " + message);
        }
        return invalid(
                message + ". The command line has accepted the job, and no worker did within "
                        + Times.text(ROLLING_UPDATE)
                        + ". The workers are of an older release than the command line; update them, and run again",
                path,
                problem);
    }

    private static ApplicationFailure invalid(String message, String path, String problem) {
        return Failures.fatal(FailureKind.INVALID_JOB.name(), message, path, problem);
    }

    private static ChildWorkflowOptions options(JobSpec job, long startedAt) {
        ChildWorkflowOptions.Builder options = ChildWorkflowOptions.newBuilder()
                .setWorkflowId(JobNames.workflowId(job.name()))
                .setStaticSummary(RunLabels.bodySummary(job))
                // Every run of the job uses this id, and a reset starts the body again.
                .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
                .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_TERMINATE)
                .setCancellationType(ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED);
        Duration timeout = Workflow.getInfo().getWorkflowRunTimeout();
        if (timeout != null && !timeout.isZero()) {
            // The body keeps time for its commit within its own timeout. That must not exceed what is left of this
            // workflow's timeout.
            long left = timeout.toMillis() - (Workflow.currentTimeMillis() - startedAt);
            options.setWorkflowRunTimeout(Duration.ofMillis(Math.max(1, left)));
        }
        return options.build();
    }

    private static boolean busy(TemporalFailure failure) {
        return failure.getCause() instanceof WorkflowExecutionAlreadyStarted;
    }

    private TemporalFailure ended(JobSpec job, RunLedger sums, TemporalFailure failure) {
        if (Failures.cancelled()) {
            status = sums.ended(State.FAILED, Workflow.currentTimeMillis(), "the run was cancelled");
            return failure;
        }
        if (failure.getCause() instanceof ApplicationFailure body
                && body.getDetails().getSize() == 1) {
            status = body.getDetails().get(0, RunSummary.class);
            return Failures.fatal(body.getType(), Failures.message(body), status());
        }
        FailureKind kind = busy(failure) ? FailureKind.ALREADY_RUNNING : Failures.kind(failure);
        String message = busy(failure)
                ? "another run of the job is in progress, as workflow " + JobNames.workflowId(job.name())
                        + ". Wait until it ends, cancel it with: ./tidemark cancel " + job.name()
                        + ", or set overlap: wait in the job"
                : "workflow " + JobNames.workflowId(job.name()) + ", the body of the run, did not complete: "
                        + Failures.message(failure);
        status = sums.ended(State.FAILED, Workflow.currentTimeMillis(), message);
        return Failures.fatal(kind.name(), message, status());
    }
}
