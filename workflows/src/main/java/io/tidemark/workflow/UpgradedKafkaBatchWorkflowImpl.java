package io.tidemark.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.common.VersioningBehavior;
import io.temporal.workflow.WorkflowVersioningBehavior;
import io.tidemark.run.Notice;
import io.tidemark.run.RunSummary;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The entry workflow on a worker with a deployment version. A cron chain lives for years, so its next workflow task goes
 * to the current version of the workers. On a worker without a version, the server refuses each task that names such a
 * behaviour, so there it is the class above.
 */
public final class UpgradedKafkaBatchWorkflowImpl extends KafkaBatchWorkflowImpl {
    /** Makes the workflow of a worker that sends these notices. */
    UpgradedKafkaBatchWorkflowImpl(Set<Notice.Type> wanted) {
        super(wanted);
    }

    @Override
    @WorkflowVersioningBehavior(VersioningBehavior.AUTO_UPGRADE)
    public RunSummary run(@Nullable JsonNode json, @Nullable String at) {
        return super.run(json, at);
    }
}
