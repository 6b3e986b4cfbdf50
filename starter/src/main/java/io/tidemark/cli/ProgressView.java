package io.tidemark.cli;

import io.tidemark.run.ConsumeProgress;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.RunSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Formats the progress of a run: a bar for the run, and one for each partition that is done or being read. Full blocks
 * are committed, grey blocks are read but not yet committed.
 */
final class ProgressView {
    private static final int BAR = 24;

    /** A frame that is taller than the terminal scrolls and cannot be redrawn. */
    private static final int MAX_PARTITIONS = 12;

    private final Map<Integer, Long> firstSeen = new HashMap<>();
    private long mostRead;

    /** Returns the progress as one line, for logs. */
    String line(@Nullable RunSummary summary, List<ConsumeProgress> reading) {
        if (summary == null || summary.state() == RunSummary.State.STARTING) {
            return "starting";
        }
        long read = read(summary, reading);
        return percent(read, summary.offsetsPlanned()) + " read, " + Texts.number(summary.offsetsDone()) + " of "
                + Texts.count(summary.offsetsPlanned(), "offset") + " durable, "
                + finished(summary) + " of " + Texts.count(summary.partitions(), "partition") + " done"
                + (summary.failed() == 0 ? "" : ", " + summary.failed() + " failed");
    }

    /** Returns the progress as a few lines, which a terminal redraws. */
    List<String> frame(@Nullable RunSummary summary, List<ConsumeProgress> reading, Duration elapsed) {
        List<String> lines = new ArrayList<>();
        if (summary == null || summary.state() == RunSummary.State.STARTING) {
            lines.add("starting " + Texts.bar(BAR, 0, 0, 1) + "  " + Texts.duration(elapsed));
            return lines;
        }
        long read = read(summary, reading);
        lines.add("  total  " + Texts.bar(BAR, summary.offsetsDone(), read, summary.offsetsPlanned()) + " "
                + percent(read, summary.offsetsPlanned()) + "  "
                + Texts.number(summary.offsetsDone()) + " of " + Texts.count(summary.offsetsPlanned(), "offset")
                + " durable, " + finished(summary) + " of " + Texts.count(summary.partitions(), "partition")
                + " done" + (summary.failed() == 0 ? "" : ", " + summary.failed() + " failed") + ", "
                + Texts.duration(elapsed));
        Map<Integer, String> partitions = new TreeMap<>();
        for (PartitionResult result : summary.details()) {
            partitions.put(
                    result.partition(),
                    Texts.bar(BAR, 1, 1, 1) + " 100 %  "
                            + Texts.count(result.counts().folded(), "record") + ", "
                            + Texts.count(result.rows(), "row"));
        }
        for (ConsumeProgress each : reading) {
            for (PartitionRange left : each.partitions()) {
                long from = firstSeen.merge(left.partition(), left.from(), Math::min);
                long done = left.from() - from;
                partitions.put(
                        left.partition(),
                        Texts.bar(BAR, 0, done, left.to() - from) + " " + percent(done, left.to() - from) + "  "
                                + Texts.count(left.length(), "offset") + " to read, "
                                + Texts.number(each.recordsPerSecond()) + " records/s");
            }
        }
        int shown = 0;
        for (Map.Entry<Integer, String> each : partitions.entrySet()) {
            if (++shown > MAX_PARTITIONS) {
                lines.add("      …  and " + (partitions.size() - MAX_PARTITIONS) + " more");
                break;
            }
            lines.add(String.format(Locale.ROOT, "%7d  %s", each.getKey(), each.getValue()));
        }
        return lines;
    }

    /**
     * Returns how many offsets are read: those committed and those in heartbeats. Never less than before: an activity that
     * has ended sends no more heartbeats, and its offsets are committed later.
     */
    private long read(RunSummary summary, List<ConsumeProgress> reading) {
        long inFlight = reading.stream().mapToLong(ConsumeProgress::done).sum();
        mostRead = Math.max(mostRead, Math.min(summary.offsetsPlanned(), summary.offsetsDone() + inFlight));
        return mostRead;
    }

    private static int finished(RunSummary summary) {
        return summary.idle() + summary.done();
    }

    private static String percent(long part, long whole) {
        return String.format(Locale.ROOT, "%3d %%", whole == 0 ? 100 : part * 100 / whole);
    }
}
