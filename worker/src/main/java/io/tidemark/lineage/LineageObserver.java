package io.tidemark.lineage;

import io.temporal.common.interceptors.WorkerInterceptorBase;
import io.temporal.common.interceptors.WorkflowInboundCallsInterceptor;
import io.temporal.common.interceptors.WorkflowInboundCallsInterceptorBase;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInfo;
import io.temporal.workflow.unsafe.WorkflowUnsafe;
import io.tidemark.job.JobSpec;
import io.tidemark.lineage.LineageEvents.Event;
import io.tidemark.notify.Outbox;
import io.tidemark.run.RunSummary;
import io.tidemark.workflow.BatchRunWorkflow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the start and the end of each run to a receiver of OpenLineage events. Runs as an interceptor of the workflows, so the
 * workflows do not know it. A replay tells nothing. The end of a run that is terminated, or whose worker dies in that moment,
 * is not told.
 */
public final class LineageObserver extends WorkerInterceptorBase {
    private static final Logger LOG = LoggerFactory.getLogger(LineageObserver.class);

    private final LineageEvents events;
    private final Outbox outbox;

    /**
     * Makes an observer.
     *
     * @param version version of Tidemark
     * @param bootstrapServers those of the worker's Kafka settings
     * @param outbox takes the events
     */
    public LineageObserver(String version, String bootstrapServers, Outbox outbox) {
        events = new LineageEvents(version, bootstrapServers);
        this.outbox = outbox;
    }

    @Override
    public WorkflowInboundCallsInterceptor interceptWorkflow(WorkflowInboundCallsInterceptor next) {
        return new WorkflowInboundCallsInterceptorBase(next) {
            @Override
            public WorkflowOutput execute(WorkflowInput input) {
                if (!Workflow.getInfo().getWorkflowType().equals(BatchRunWorkflow.TYPE)) {
                    return super.execute(input);
                }
                tell(Event.Type.START, input, null, null);
                try {
                    WorkflowOutput output = super.execute(input);
                    tell(Event.Type.COMPLETE, input, (RunSummary) output.getResult(), null);
                    return output;
                } catch (TemporalFailure e) {
                    boolean cancelled = CancellationScope.current().isCancelRequested();
                    RunSummary summary = summary(e);
                    tell(
                            cancelled ? Event.Type.ABORT : Event.Type.FAIL,
                            input,
                            summary,
                            summary == null ? e.getOriginalMessage() : summary.error());
                    throw e;
                }
            }
        };
    }

    private static @Nullable RunSummary summary(TemporalFailure failure) {
        return failure instanceof ApplicationFailure known && known.getDetails().getSize() == 1
                ? known.getDetails().get(0, RunSummary.class)
                : null;
    }

    private void tell(
            Event.Type type,
            WorkflowInboundCallsInterceptor.WorkflowInput input,
            @Nullable RunSummary summary,
            @Nullable String error) {
        if (WorkflowUnsafe.isReplaying()) {
            return;
        }
        try {
            WorkflowInfo info = Workflow.getInfo();
            JobSpec job = (JobSpec) input.getArguments()[0];
            long nominal = (long) input.getArguments()[1];
            long startedAt = info.getRunStartedTimestampMillis();
            Event event = new Event(
                    type,
                    type == Event.Type.START ? startedAt : Workflow.currentTimeMillis(),
                    info.getNamespace(),
                    info.getRunId(),
                    nominal == 0 ? startedAt : nominal);
            outbox.put(events.write(event, job, summary, error));
        } catch (RuntimeException e) {
            // Whatever is wrong with an event, the run goes on.
            LOG.atWarn().setCause(e).log("no lineage event of this run");
        }
    }
}
