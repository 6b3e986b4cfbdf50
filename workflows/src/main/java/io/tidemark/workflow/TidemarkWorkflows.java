package io.tidemark.workflow;

import io.temporal.common.converter.DataConverterException;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkflowImplementationOptions;

/** The workflows of this module, as every worker runs them. */
public final class TidemarkWorkflows {
    private TidemarkWorkflows() {}

    /** Makes a worker run all workflows; to be called before it starts. */
    public static void register(Worker worker) {
        worker.registerWorkflowImplementationTypes(
                WorkflowImplementationOptions.newBuilder()
                        // An input that cannot be decoded never will be: without this its task fails for ever.
                        .setFailWorkflowExceptionTypes(DataConverterException.class)
                        .build(),
                KafkaBatchWorkflowImpl.class,
                BatchRunWorkflowImpl.class,
                PartitionGroupWorkflowImpl.class);
    }
}
