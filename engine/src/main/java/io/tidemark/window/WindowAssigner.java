package io.tidemark.window;

import io.tidemark.job.WindowSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Finds the window of an event time. A window is identified by its start in milliseconds since 1970-01-01T00:00Z; two
 * windows of a job never have the same start. In a job with {@code span} this finds the panes, and {@link RowWindows} the
 * windows.
 *
 * <p>Not safe for use by several threads.
 */
public abstract sealed class WindowAssigner permits CalendarWindows, WindowAssigner.Tumbling, WindowAssigner.Whole {
    /** The earliest time that windows are computed for. */
    private static final long EARLIEST = Instant.parse("0001-01-02T00:00:00Z").toEpochMilli();

    private long lastStart;
    private @Nullable String lastText;

    WindowAssigner() {}

    /** The assigner for a kind of window. */
    public static WindowAssigner of(WindowSpec spec) {
        return spec.match(
                CalendarWindows::new, tumbling -> new Tumbling(tumbling.every().toMillis()), none -> new Whole());
    }

    /**
     * The start of the window that contains the time; 0 if the job has no windows.
     *
     * @param epochMillis a time in the years 1 to 9999
     */
    public abstract long start(long epochMillis);

    /**
     * The end of a window, exclusive: the start of the next window that can have records; {@link Long#MAX_VALUE} if the job
     * has no windows.
     *
     * @param start a result of {@link #start}
     */
    public abstract long end(long start);

    /**
     * The start of the window that ends where this one starts.
     *
     * @param start a result of {@link #start} in a job with windows
     */
    final long previous(long start) {
        return start(start - 1);
    }

    /**
     * The start of the oldest window that contains this time or a later one. It never decreases with time. It differs
     * from {@link #start} only where a zone's clock goes back over midnight: then {@link #start} gives the new day for a
     * moment, the day before for the repeated part of the evening, and the new day again.
     *
     * @param epochMillis a time in the years 1 to 9999
     */
    public long oldestOpen(long epochMillis) {
        return start(epochMillis);
    }

    /**
     * The start of the oldest window that is open at a time, if windows close {@code after} their end: no record of this
     * time less {@code after}, or of a later one, is in a window that starts before it.
     */
    public final long oldestOpen(long epochMillis, Duration after) {
        return oldestOpen(Math.max(EARLIEST, epochMillis - after.toMillis()));
    }

    /**
     * The window as rows and keys show it: {@code 2006-12-23} for a day, {@code 2006-12-23T16:00+01:00} for an hour,
     * {@code 2006-W51} or the first day of a week, {@code 2006-12}, {@code 2006-Q4}, {@code 2006}, an instant such as
     * {@code 2006-12-23T16:45:00Z} for windows of one length, the empty text if the job has no windows. Two windows of a
     * job never have the same text.
     *
     * @param start a result of {@link #start}
     */
    public final String text(long start) {
        // Rows are sorted by window, so most calls are for the same window as the last.
        String text = lastText;
        if (text == null || start != lastStart) {
            text = describe(start);
            lastText = text;
            lastStart = start;
        }
        return text;
    }

    /**
     * A time with its offset in the zone of the windows, or in UTC if they have no zone: {@code
     * 2006-12-23T00:00:00+01:00}.
     */
    public final String time(long epochMillis) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                Instant.ofEpochMilli(epochMillis).atZone(zone()));
    }

    abstract String describe(long start);

    ZoneId zone() {
        return ZoneOffset.UTC;
    }

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
        public long end(long start) {
            return start + every;
        }

        @Override
        String describe(long start) {
            return Instant.ofEpochMilli(start).toString();
        }
    }

    static final class Whole extends WindowAssigner {
        @Override
        public long start(long epochMillis) {
            return 0;
        }

        @Override
        public long end(long start) {
            return Long.MAX_VALUE;
        }

        @Override
        String describe(long start) {
            return "";
        }
    }
}
