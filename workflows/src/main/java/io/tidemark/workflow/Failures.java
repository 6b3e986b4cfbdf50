package io.tidemark.workflow;

import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.failure.TerminatedFailure;
import io.temporal.failure.TimeoutFailure;
import io.temporal.workflow.CancellationScope;
import io.tidemark.run.FailureKind;
import org.jspecify.annotations.Nullable;

/** Classifies failures of activities and child workflows. */
final class Failures {
    private Failures() {}

    /** Returns a non-retryable failure, which ends the workflow. */
    static ApplicationFailure fatal(String kind, String message, Object... details) {
        ApplicationFailure failure = ApplicationFailure.newNonRetryableFailure(message, kind, details);
        // The stack trace would fill the Web UI and tells an operator nothing.
        failure.setStackTrace(new StackTraceElement[0]);
        return failure;
    }

    /** Returns whether the workflow has been cancelled. */
    static boolean cancelled() {
        return CancellationScope.current().isCancelRequested();
    }

    /**
     * Returns whether the staged files are gone: they alone, or with their host, if no worker took the task from its
     * queue in time.
     */
    static boolean stagedLost(TemporalFailure failure) {
        return kind(failure) == FailureKind.STAGED_LOST || hostSilent(failure);
    }

    /** Returns whether no worker took the task from the queue of its host in time. */
    static boolean hostSilent(TemporalFailure failure) {
        return isTimeout(failure, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START);
    }

    /** Returns whether an activity did not complete in the time that was left to the run. */
    static boolean outOfTime(TemporalFailure failure) {
        return isTimeout(failure, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE);
    }

    private static boolean isTimeout(TemporalFailure failure, TimeoutType type) {
        return failure.getCause() instanceof TimeoutFailure timeout && timeout.getTimeoutType() == type;
    }

    /**
     * Returns the kind that the failure names, or the one that stands for a timeout, a termination or a cancellation.
     */
    static FailureKind kind(TemporalFailure failure) {
        ApplicationFailure application = find(failure, ApplicationFailure.class);
        if (application != null) {
            return FailureKind.named(application.getType());
        }
        if (find(failure, TimeoutFailure.class) != null) {
            return FailureKind.TIME_OVER;
        }
        return find(failure, TerminatedFailure.class) != null || find(failure, CanceledFailure.class) != null
                ? FailureKind.CANCELLED
                : FailureKind.UNEXPECTED;
    }

    /** Returns the message of the failure, without the texts of the exceptions in which Temporal wraps it. */
    static String message(TemporalFailure failure) {
        ApplicationFailure application = find(failure, ApplicationFailure.class);
        if (application != null) {
            String type = application.getType();
            String text = String.valueOf(application.getOriginalMessage());
            // An unexpected exception: its class is what a reader can search for.
            return kind(failure) == FailureKind.UNEXPECTED
                            && !FailureKind.UNEXPECTED.name().equals(type)
                    ? type + ": " + text
                    : text;
        }
        if (find(failure, TimeoutFailure.class) != null) {
            String what = failure instanceof ActivityFailure activity ? activity.getActivityType() : "it";
            return what + " timed out. Check the workers' logs; if they show nothing, no worker polls this task queue";
        }
        if (find(failure, TerminatedFailure.class) != null) {
            return "it was terminated";
        }
        if (find(failure, CanceledFailure.class) != null) {
            return "it was cancelled";
        }
        return String.valueOf(failure.getOriginalMessage());
    }

    private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (type.isInstance(each)) {
                return type.cast(each);
            }
        }
        return null;
    }
}
