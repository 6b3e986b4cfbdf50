package io.tidemark.fold;

import io.tidemark.job.CloseSpec;
import io.tidemark.job.CloseSpec.By;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.json.MalformedRecordException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Finds the late records of one range, and the greatest event time of its records.
 *
 * <p>Not safe for use by several threads.
 */
public final class Lateness {
    private final String timeField;
    private final boolean limitsTime;
    private final long maxAhead;
    private final long closedBefore;
    private long greatest = Long.MIN_VALUE;

    private Lateness(CloseSpec close, String timeField, long closedBefore) {
        this.timeField = timeField;
        this.limitsTime = close.by() == By.EVENT_TIME;
        this.maxAhead = close.maxAhead().toMillis();
        this.closedBefore = closedBefore;
    }

    /**
     * Returns one for a range, or null if the windows of the job stay open.
     *
     * @param closedBefore windows that start before it are closed for the records of the range
     */
    public static @Nullable Lateness of(JobSpec job, long closedBefore) {
        CloseSpec close = job.close();
        String field = job.input().timestamp().field();
        return close == null ? null : new Lateness(close, field == null ? "" : field, closedBefore);
    }

    /**
     * Returns what becomes of a record that can be counted.
     *
     * @param window the start of its window
     * @param time its event time
     * @param recordTimestamp the Kafka record's own timestamp
     * @throws MalformedRecordException AHEAD_OF_TIME if the event time is so far ahead that it would close windows too early
     */
    Fate judge(long window, long time, long recordTimestamp) throws MalformedRecordException {
        boolean ahead = time - maxAhead > recordTimestamp;
        if (limitsTime && ahead) {
            throw new MalformedRecordException(
                    Reason.AHEAD_OF_TIME,
                    timeField,
                    "is further ahead of the record's own timestamp than close.maxAhead allows");
        }
        // Also of a job that closes by run: it may change to close by event time.
        if (time > greatest && !ahead) {
            greatest = time;
        }
        return window < closedBefore ? Fate.LATE : Fate.FOLDED;
    }

    /** Returns the greatest event time of the records that were folded or late; null if there are none. */
    public @Nullable Long eventTime() {
        return greatest == Long.MIN_VALUE ? null : greatest;
    }
}
