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

/** What the failure of an activity or a child means for the run. */
final class Failures {
    private Failures() {}

    /** The failure that ends a workflow for good, readable in the Web UI. */
    static ApplicationFailure fatal(String kind, String message, Object... details) {
        ApplicationFailure failure = ApplicationFailure.newNonRetryableFailure(message, kind, details);
        // Where in our code it was made says nothing to the person who reads it in the Web UI.
        failure.setStackTrace(new StackTraceElement[0]);
        return failure;
    }

    /** Whether the workflow has been cancelled, rather than that something went wrong. */
    static boolean cancelled() {
        return CancellationScope.current().isCancelRequested();
    }

    /** Whether the staged files are gone: alone, or with their host, which left its queue unanswered. */
    static boolean stagedLost(TemporalFailure failure) {
        return kind(failure) == FailureKind.STAGED_LOST
                || (failure.getCause() instanceof TimeoutFailure timeout
                        && timeout.getTimeoutType() == TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START);
    }

    /** What went wrong. */
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

    /** What went wrong, in a sentence without Temporal's own wrappings. */
    static String message(TemporalFailure failure) {
        ApplicationFailure application = find(failure, ApplicationFailure.class);
        if (application != null) {
            String type = application.getType();
            String text = String.valueOf(application.getOriginalMessage());
            // Nobody thought of it: the class of the exception is what there is to look for.
            return kind(failure) == FailureKind.UNEXPECTED
                            && !FailureKind.UNEXPECTED.name().equals(type)
                    ? type + ": " + text
                    : text;
        }
        if (find(failure, TimeoutFailure.class) != null) {
            String what = failure instanceof ActivityFailure activity ? activity.getActivityType() : "it";
            return what + " had no result before its time was over; where no worker's log says why, none polls";
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
