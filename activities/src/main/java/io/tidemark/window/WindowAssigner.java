package io.tidemark.window;

import io.tidemark.job.WindowSpec;
import java.time.Instant;

/**
 * Finds the window of an event time. A window is known by its start in milliseconds since 1970-01-01T00:00Z; two windows
 * of a job never have the same start.
 *
 * <p>Not safe for use by several threads.
 */
public abstract sealed class WindowAssigner permits CalendarWindows, WindowAssigner.Tumbling, WindowAssigner.Whole {

    WindowAssigner() {}

    /** The assigner for a kind of window. */
    public static WindowAssigner of(WindowSpec spec) {
        return spec.match(
                calendar -> new CalendarWindows(calendar.every(), calendar.zone()),
                tumbling -> new Tumbling(tumbling.every().toMillis()),
                none -> new Whole());
    }

    /**
     * The start of the window that the time belongs into; 0 where there are no windows.
     *
     * @param epochMillis a time in the years 1 to 9999
     */
    public abstract long start(long epochMillis);

    /**
     * The window as rows and keys show it: {@code 2006-12-23} for a day, {@code 2006-12-23T16:00+01:00} for an hour,
     * {@code 2006-W51}, {@code 2006-12}, an instant such as {@code 2006-12-23T16:45:00Z} for windows of one length, the
     * empty text where there are none. Two windows of a job never have the same text.
     *
     * @param start what {@link #start} gave
     */
    public abstract String text(long start);

    static final class Tumbling extends WindowAssigner {
        private final long every;

        Tumbling(long every) {
            this.every = every;
        }

        @Override
        public long start(long epochMillis) {
            return epochMillis - Math.floorMod(epochMillis, every);
        }

        @Override
        public String text(long start) {
            return Instant.ofEpochMilli(start).toString();
        }
    }

    static final class Whole extends WindowAssigner {
        @Override
        public long start(long epochMillis) {
            return 0;
        }

        @Override
        public String text(long start) {
            return "";
        }
    }
}
