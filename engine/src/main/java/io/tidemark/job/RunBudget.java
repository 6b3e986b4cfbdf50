package io.tidemark.job;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much of what is new one run takes. A run that has used its budget up ends well, at a durable offset of each
 * partition, says what is left, and the next run goes on there; a limit ({@link RunLimits}) that is reached is a failure.
 * None of it changes what the rows mean, so all of it may change between runs.
 *
 * @param records most offsets of all partitions together; {@link Long#MAX_VALUE} for no end
 * @param bytes most bytes of keys and values of all partitions together, by an estimate; {@link Long#MAX_VALUE} for no end
 * @param time how long after its start a run begins no more reading, or null for as long as {@link RunLimits#time}
 */
public record RunBudget(long records, long bytes, @Nullable Duration time) {

    /** What holds where a job says nothing: everything that is new. */
    public static final RunBudget NONE = new RunBudget(Long.MAX_VALUE, Long.MAX_VALUE, null);

    /** Refuses budgets that no run could make use of. */
    public RunBudget {
        positive("records", records);
        positive("bytes", bytes);
        if (time != null) {
            positive("time", time.toMillis());
        }
    }

    private static void positive(String name, long value) {
        if (value < 1) {
            throw new InvalidJobException("budget." + name, value + " is not positive");
        }
    }
}
