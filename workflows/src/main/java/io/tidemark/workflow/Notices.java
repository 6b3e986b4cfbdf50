package io.tidemark.workflow;

import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInfo;
import io.tidemark.job.JobSpec;
import io.tidemark.run.Notice;
import io.tidemark.run.Notice.Type;
import io.tidemark.run.RunSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells what people want to know about a run. Each notice is a {@link NoticeWorkflow} that outlives the run. The run only
 * waits until Temporal has stored it.
 */
final class Notices {
    /** Guards runs that began before there were notices. */
    private static final String CHANGE = "notices";

    private static final int FIRST = 1;

    /** Stands for the workflow id of a notice that nobody wants. */
    private static final String NOT_WANTED = "";

    /** A notice that no worker takes for so long is of no use any more. */
    private static final Duration RUN_TIMEOUT = NoticeActivities.GIVE_UP.multipliedBy(2);

    private final Set<Type> wanted;
    private final long startedAt;
    private final List<Promise<WorkflowExecution>> starts = new ArrayList<>();
    private String job;
    private long nominal;
    private long deadline;

    /**
     * Makes the notices of the run of this workflow.
     *
     * @param wanted what the settings of this worker ask for
     * @param job name of the job
     */
    Notices(Set<Type> wanted, String job, long startedAt) {
        this.wanted = wanted;
        this.job = job;
        this.startedAt = startedAt;
    }

    /** Sets what is known once the job is read. */
    void about(JobSpec spec, long nominalTime) {
        job = spec.name();
        nominal = nominalTime;
        deadline = Deadline.of(spec, nominalTime);
    }

    /** Tells that the run failed. */
    void failed(ApplicationFailure failure, RunSummary run) {
        tell(Type.FAILED, failure.getType(), failure.getOriginalMessage(), run);
    }

    /** Tells that the run is late. */
    void late(String message, RunSummary run) {
        tell(Type.LATE, null, message, run);
    }

    /** Tells what is worth telling about a run that succeeded, and usually nothing is. */
    void succeeded(RunSummary run) {
        if (Workflow.getPreviousRunFailure().isPresent()) {
            tell(Type.RECOVERED, null, null, run);
        }
        if (!run.warnings().isEmpty()) {
            tell(Type.WARNED, null, null, run);
        }
    }

    /** Waits until Temporal has stored all notices. */
    void awaitStored() {
        Workflow.newDetachedCancellationScope(() -> Promise.allOf(starts).get()).run();
    }

    private void tell(Type type, @Nullable String kind, @Nullable String message, RunSummary run) {
        if (Workflow.getVersion(CHANGE, Workflow.DEFAULT_VERSION, FIRST) == Workflow.DEFAULT_VERSION) {
            return;
        }
        WorkflowInfo info = Workflow.getInfo();
        // Recorded, because a replay may be on a worker with other settings, and after a reset under another run id.
        String id = Workflow.sideEffect(
                String.class, () -> wanted.contains(type) ? RunLabels.noticeId(info, type) : NOT_WANTED);
        if (id.equals(NOT_WANTED)) {
            return;
        }
        Notice notice = new Notice(
                type,
                job,
                info.getNamespace(),
                info.getWorkflowId(),
                info.getRunId(),
                RunAttributes.schedule(),
                nominal,
                startedAt,
                Workflow.currentTimeMillis(),
                deadline,
                kind,
                message,
                run.warnings(),
                run.job().isEmpty() ? null : Notice.Work.of(run));
        // A cancelled run can be late, too.
        Workflow.newDetachedCancellationScope(() -> start(notice, id)).run();
    }

    private void start(Notice notice, String id) {
        NoticeWorkflow child = Workflow.newChildWorkflowStub(
                NoticeWorkflow.class,
                ChildWorkflowOptions.newBuilder()
                        .setWorkflowId(id)
                        .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
                        .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON)
                        .setWorkflowRunTimeout(RUN_TIMEOUT)
                        .setStaticSummary(RunLabels.notice(notice))
                        .build());
        Promise<String> end = Async.function(child::deliver, notice);
        // Neither its start nor its end may fail the run.
        end.handle((result, failure) -> result);
        starts.add(Workflow.getWorkflowExecution(child).handle((execution, failure) -> execution));
    }
}
