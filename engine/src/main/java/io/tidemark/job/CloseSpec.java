package io.tidemark.job;

import io.tidemark.job.form.InvalidJobException;
import java.time.Duration;

/**
 * When windows close. A closed window takes no more records, and the state forgets its totals. None of this is part of the
 * job's meaning, so it may change between runs; what is closed stays closed.
 *
 * @param after how long after its end a window still takes records
 * @param by which time tells that a window may close
 * @param late what becomes of a record whose window an earlier batch has closed
 * @param maxAhead how far the time of a record may be ahead of the timestamp of its Kafka record; a record beyond that is a
 *     bad record. Only with {@link By#EVENT_TIME}, where it would close windows too early
 */
public record CloseSpec(Duration after, By by, Late late, Duration maxAhead) {
    /** The default of {@code maxAhead}. */
    static final Duration MAX_AHEAD = Duration.ofDays(1);

    /** Which time tells that a window may close. */
    public enum By {
        /** The nominal time of the run: a window closes if it ended at least {@code after} before that time. */
        RUN,
        /** The greatest event time of the partition's records: a partition without new records closes nothing. */
        EVENT_TIME
    }

    /** What becomes of a late record. */
    public enum Late {
        /** It goes to the dead-letter topic with the reason LATE. */
        DEAD_LETTER,
        /** It is only counted. */
        COUNT
    }

    /** Refuses fields that contradict each other. */
    public CloseSpec {
        if (by == By.RUN && !maxAhead.equals(MAX_AHEAD)) {
            throw new InvalidJobException(
                    "close.maxAhead",
                    "has a meaning only with by: eventTime, but by is run; remove it or set by: eventTime");
        }
    }
}
