package io.tidemark.workflow;

import io.temporal.common.converter.DataConverterException;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkflowImplementationOptions;
import io.tidemark.run.Notice;
import java.util.Set;

/** The workflow types that every worker registers. */
public final class TidemarkWorkflows {
    private TidemarkWorkflows() {}

    /** Registers all workflows with a worker that has no deployment version and sends no notices. */
    public static void register(Worker worker) {
        register(worker, false, Set.of());
    }

    /**
     * Registers all workflows with a worker. Call it before the worker starts.
     *
     * @param versioned whether the worker has a deployment version
     * @param notices those that it sends
     */
    public static void register(Worker worker, boolean versioned, Set<Notice.Type> notices) {
        worker.registerWorkflowImplementationFactory(
                KafkaBatchWorkflow.class,
                () -> versioned ? new UpgradedKafkaBatchWorkflowImpl(notices) : new KafkaBatchWorkflowImpl(notices),
                WorkflowImplementationOptions.newBuilder()
                        // People write this input. If it is not JSON, every attempt fails: without this option Temporal
                        // retries the task for ever.
                        .setFailWorkflowExceptionTypes(DataConverterException.class)
                        .build());
        // Workers write these inputs. One that cannot be decoded comes from a newer release: the task fails, and
        // Temporal retries it until a worker of that release takes it (docs/decisions/0022-mixed-releases.md).
        worker.registerWorkflowImplementationTypes(
                BatchRunWorkflowImpl.class, PartitionGroupWorkflowImpl.class, NoticeWorkflowImpl.class);
    }
}
