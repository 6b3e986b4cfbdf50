package io.tidemark.workflow;

import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.workflow.Workflow;
import io.tidemark.run.Notice;
import java.time.Duration;

/** Delivers one notice by an activity. */
public final class NoticeWorkflowImpl implements NoticeWorkflow {
    /** The activity drops a notice after an hour. It does not if no worker takes it: then this timeout does. */
    private static final Duration NO_WORKER = NoticeActivities.GIVE_UP.plusMinutes(30);

    @Override
    public String deliver(Notice notice) {
        NoticeActivities activities = Workflow.newActivityStub(
                NoticeActivities.class,
                ActivityOptions.newBuilder()
                        .setScheduleToCloseTimeout(NO_WORKER)
                        // Longer than the connect and request timeouts of a post.
                        .setStartToCloseTimeout(Duration.ofMinutes(1))
                        .setRetryOptions(RetryOptions.newBuilder()
                                .setInitialInterval(Duration.ofSeconds(5))
                                .setBackoffCoefficient(2)
                                .setMaximumInterval(Duration.ofMinutes(5))
                                .build())
                        .setSummary(RunLabels.notice(notice))
                        .build());
        try {
            return activities.send(notice);
        } catch (ActivityFailure e) {
            // Not a failure of the workflow: it would stand among the failed runs.
            return "dropped: " + Failures.message(e);
        }
    }
}
