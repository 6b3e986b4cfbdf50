package io.tidemark.workflow;

import io.temporal.common.converter.DataConverterException;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkflowImplementationOptions;
import java.util.List;

/** The workflow types that every worker registers. */
public final class TidemarkWorkflows {
    private TidemarkWorkflows() {}

    /** The same in a namespace whose search attributes are not used. */
    public static void register(Worker worker) {
        register(worker, fresh -> List.of());
    }

    /**
     * Registers all workflows with a worker. Call it before the worker starts.
     *
     * @param attributes what runs ask in a local activity, which this worker executes too. Without it their tasks would
     *     fail again and again
     */
    public static void register(Worker worker, AttributeActivities attributes) {
        worker.registerActivitiesImplementations(attributes);
        worker.registerWorkflowImplementationTypes(
                WorkflowImplementationOptions.newBuilder()
                        // People write this input. If it is not JSON, every attempt fails: without this option Temporal
                        // retries the task for ever.
                        .setFailWorkflowExceptionTypes(DataConverterException.class)
                        .build(),
                KafkaBatchWorkflowImpl.class);
        // Workers write these inputs. One that cannot be decoded comes from a newer release: the task fails, and
        // Temporal retries it until a worker of that release takes it (docs/decisions/0022-mixed-releases.md).
        worker.registerWorkflowImplementationTypes(BatchRunWorkflowImpl.class, PartitionGroupWorkflowImpl.class);
    }
}
