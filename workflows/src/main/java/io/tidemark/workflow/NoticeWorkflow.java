package io.tidemark.workflow;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import io.tidemark.run.Notice;

/**
 * Delivers one notice of a run. It is a workflow of its own, so that the run ends without waiting for the receiver, and so
 * that a worker that dies loses no notice.
 */
@WorkflowInterface
public interface NoticeWorkflow {
    /** The workflow type. */
    String TYPE = "KafkaBatchNotice";

    /** Returns what became of the notice, for people who look at the workflow. It never fails. */
    @WorkflowMethod(name = TYPE)
    String deliver(Notice notice);
}
