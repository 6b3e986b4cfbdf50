package io.tidemark.workflow;

import io.temporal.common.converter.DataConverterException;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkflowImplementationOptions;

/** The workflow types that every worker registers. */
public final class TidemarkWorkflows {
    private TidemarkWorkflows() {}

    /** Registers all workflows with a worker that has no deployment version. Call it before the worker starts. */
    public static void register(Worker worker) {
        register(worker, false);
    }

    /**
     * Registers all workflows with a worker. Call it before the worker starts.
     *
     * @param versioned whether the worker has a deployment version
     */
    public static void register(Worker worker, boolean versioned) {
        worker.registerWorkflowImplementationTypes(
                WorkflowImplementationOptions.newBuilder()
                        // People write this input. If it is not JSON, every attempt fails: without this option Temporal
                        // retries the task for ever.
                        .setFailWorkflowExceptionTypes(DataConverterException.class)
                        .build(),
                versioned ? UpgradedKafkaBatchWorkflowImpl.class : KafkaBatchWorkflowImpl.class);
        // Workers write these inputs. One that cannot be decoded comes from a newer release: the task fails, and
        // Temporal retries it until a worker of that release takes it (docs/decisions/0022-mixed-releases.md).
        worker.registerWorkflowImplementationTypes(BatchRunWorkflowImpl.class, PartitionGroupWorkflowImpl.class);
    }
}
