package io.tidemark.aggregate;

/**
 * The code of a plugin has failed, so its partition fails. The message says which class, where in it, and with which exception. It
 * has neither the message nor the cause of that exception, which may quote a record.
 */
public final class AggregatorException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The name of the failure that a run reports. */
    public static final String FAILURE = "AGGREGATOR_FAILED";

    AggregatorException(String message) {
        super(message);
    }

    /** The same with where it happened. */
    public AggregatorException at(String where) {
        return new AggregatorException(where + ": " + getMessage());
    }

    static AggregatorException of(String aggregate, String method, Throwable failure) {
        StringBuilder text = new StringBuilder(aggregate + ": " + method + " failed with ");
        text.append(failure.getClass().getName());
        for (StackTraceElement each : failure.getStackTrace()) {
            if (!each.getClassName().startsWith("java.") && !each.getClassName().startsWith("jdk.")) {
                text.append(" at ").append(each.getClassName()).append('.').append(each.getMethodName());
                text.append(" (line ").append(each.getLineNumber()).append(')');
                break;
            }
        }
        return new AggregatorException(
                text + "; its message is not shown, because it may quote a record. Correct the plugin,"
                        + " or leave such records out by where");
    }
}
