package io.tidemark.metrics;

import io.temporal.common.converter.DataConverterException;
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
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunSummary;
import io.tidemark.workflow.BatchRunWorkflow;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Counts and logs each run when it ends. Runs as an interceptor of the workflows, so the workflows do not know that they are
 * counted. A replay counts nothing. A run whose last workflow task is repeated after an outage of Temporal counts twice.
 */
final class RunObserver extends WorkerInterceptorBase {
    private static final Logger LOG = LoggerFactory.getLogger(RunObserver.class);

    private final WorkMeters meters;

    RunObserver(WorkMeters meters) {
        this.meters = meters;
    }

    @Override
    public WorkflowInboundCallsInterceptor interceptWorkflow(WorkflowInboundCallsInterceptor next) {
        return new WorkflowInboundCallsInterceptorBase(next) {
            @Override
            public WorkflowOutput execute(WorkflowInput input) {
                String type = Workflow.getInfo().getWorkflowType();
                return switch (type) {
                    case BatchRunWorkflow.TYPE -> body(input);
                    case KafkaBatchWorkflow.TYPE -> entry(input);
                    default -> super.execute(input);
                };
            }

            /** The body of a run reports every end of its own. */
            private WorkflowOutput body(WorkflowInput input) {
                try {
                    WorkflowOutput output = super.execute(input);
                    if (output.getResult() instanceof RunSummary summary) {
                        ended(RunEnd.of(summary, null, took()), summary, null);
                    }
                    return output;
                } catch (TemporalFailure e) {
                    RunSummary summary = summary(e);
                    if (CancellationScope.current().isCancelRequested()) {
                        JobSpec job = (JobSpec) input.getArguments()[0];
                        ended(cancelled(job), null, null);
                    } else if (summary != null) {
                        ended(RunEnd.of(summary, kind(e), took()), summary, summary.error());
                    }
                    throw e;
                }
            }

            /** The entry of a run reports what the body cannot: that there was none, or that it was ended from outside. */
            private WorkflowOutput entry(WorkflowInput input) {
                try {
                    return super.execute(input);
                } catch (TemporalFailure e) {
                    RunSummary summary = summary(e);
                    String kind = kind(e);
                    if (kind.equals(FailureKind.INVALID_JOB.name()) && summary == null) {
                        ended(refused(RunEnd.NO_JOB, "", kind), null, e.getOriginalMessage());
                    } else if (summary != null
                            && summary.runId().equals(Workflow.getInfo().getRunId())) {
                        boolean busy = kind.equals(FailureKind.ALREADY_RUNNING.name());
                        ended(
                                busy ? refused(summary.job(), summary.input(), kind) : RunEnd.of(summary, kind, took()),
                                summary,
                                summary.error());
                    }
                    throw e;
                }
            }
        };
    }

    private static RunEnd cancelled(JobSpec job) {
        return new RunEnd(job.name(), job.input().topic(), RunEnd.Outcome.CANCELLED, null, took(), Map.of(), 0);
    }

    private static RunEnd refused(String job, String topic, String kind) {
        return new RunEnd(job, topic, RunEnd.Outcome.REFUSED, kind, Duration.ZERO, Map.of(), 0);
    }

    private static Duration took() {
        WorkflowInfo info = Workflow.getInfo();
        return Duration.ofMillis(Math.max(0, Workflow.currentTimeMillis() - info.getRunStartedTimestampMillis()));
    }

    private static String kind(TemporalFailure failure) {
        return failure instanceof ApplicationFailure known
                ? FailureKind.named(known.getType()).name()
                : FailureKind.UNEXPECTED.name();
    }

    private static @Nullable RunSummary summary(TemporalFailure failure) {
        if (failure instanceof ApplicationFailure known && known.getDetails().getSize() == 1) {
            try {
                return known.getDetails().get(0, RunSummary.class);
            } catch (DataConverterException | ClassCastException e) {
                return null;
            }
        }
        return null;
    }

    private void ended(RunEnd end, @Nullable RunSummary summary, @Nullable String reason) {
        if (WorkflowUnsafe.isReplaying()) {
            return;
        }
        meters.ended(end);
        boolean good = end.outcome() == RunEnd.Outcome.DONE || end.outcome() == RunEnd.Outcome.CANCELLED;
        LoggingEventBuilder line = (good ? LOG.atInfo() : LOG.atWarn())
                .addKeyValue("job", end.job())
                .addKeyValue("outcome", end.outcome())
                .addKeyValue("millis", end.took().toMillis());
        if (end.kind() != null) {
            line = line.addKeyValue("kind", end.kind());
        }
        if (summary != null) {
            line = line.addKeyValue("partitions", summary.partitions())
                    .addKeyValue("failed", summary.failed())
                    .addKeyValue("offsets", summary.offsetsDone())
                    .addKeyValue("planned", summary.offsetsPlanned())
                    .addKeyValue("left", summary.left())
                    .addKeyValue("folded", summary.counts().folded())
                    .addKeyValue("bad", summary.counts().bad())
                    .addKeyValue("rows", summary.rows())
                    .addKeyValue("warnings", summary.warnings().size());
        }
        if (reason != null) {
            line = line.addKeyValue("reason", reason);
        }
        line.log("run ended");
    }
}
