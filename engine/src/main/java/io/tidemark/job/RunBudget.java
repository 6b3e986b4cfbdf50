package io.tidemark.job;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much of what is new one run takes. Reaching a budget ends the run successfully: it commits what it has read, reports
 * what is left, and the next run resumes there. Reaching one of the {@link RunLimits} fails the run.
 *
 * @param records most offsets of all partitions together; {@link Long#MAX_VALUE} for no limit
 * @param bytes most bytes of keys and values of all partitions together, by an estimate; {@link Long#MAX_VALUE} for no limit
 * @param time after this time a run starts no new reads; null for {@link RunLimits#time}
 */
public record RunBudget(long records, long bytes, @Nullable Duration time) {

    /** No budget: a run takes everything that is new. */
    public static final RunBudget NONE = new RunBudget(Long.MAX_VALUE, Long.MAX_VALUE, null);
}
