package io.tidemark.workflow;

import io.temporal.common.converter.DataConverterException;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkflowImplementationOptions;

/** The workflow types that every worker registers. */
public final class TidemarkWorkflows {
    private TidemarkWorkflows() {}

    /** Registers all workflows with a worker. Call it before the worker starts. */
    public static void register(Worker worker) {
        worker.registerWorkflowImplementationTypes(
                WorkflowImplementationOptions.newBuilder()
                        // An input that cannot be decoded fails every attempt: without this option Temporal retries the
                        // task for ever.
                        .setFailWorkflowExceptionTypes(DataConverterException.class)
                        .build(),
                KafkaBatchWorkflowImpl.class,
                BatchRunWorkflowImpl.class,
                PartitionGroupWorkflowImpl.class);
    }
}
