package io.tidemark.cli;

import io.tidemark.run.ConsumeProgress;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.RunSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Formats the progress of a run: a bar of all offsets, and a line for each partition that is done or being read. Full blocks
 * are committed, grey blocks are read but not yet committed.
 */
final class ProgressView {
    /** A frame that is taller than the terminal scrolls and cannot be redrawn. */
    private static final int MAX_PARTITIONS = 12;

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

    /**
     * Returns the progress as a few lines, which a terminal redraws.
     *
     * @param columns the width of the terminal. Each line is shorter, because a line that wraps cannot be erased
     */
    List<String> frame(@Nullable RunSummary summary, List<ConsumeProgress> reading, Duration elapsed, int columns) {
        List<String> lines = new ArrayList<>();
        if (summary == null || summary.state() == RunSummary.State.STARTING) {
            lines.add("starting " + Texts.bar(12, 0, 0, 1) + "  " + Texts.duration(elapsed));
        } else {
            lines.add(total(summary, reading, elapsed, columns));
            Map<Integer, String> partitions = partitions(summary, reading);
            int shown = 0;
            for (Map.Entry<Integer, String> each : partitions.entrySet()) {
                if (++shown > MAX_PARTITIONS) {
                    lines.add("      …  and " + (partitions.size() - MAX_PARTITIONS) + " more");
                    break;
                }
                lines.add(String.format(Locale.ROOT, "%7d  %s", each.getKey(), each.getValue()));
            }
        }
        return lines.stream()
                .map(each -> each.length() < columns ? each : each.substring(0, Math.max(0, columns - 1)))
                .toList();
    }

    /** Returns the longest of three forms that fits. */
    private String total(RunSummary summary, List<ConsumeProgress> reading, Duration elapsed, int columns) {
        long read = read(summary, reading);
        long planned = summary.offsetsPlanned();
        long rate =
                reading.stream().mapToLong(ConsumeProgress::recordsPerSecond).sum();
        String failed = summary.failed() == 0 ? "" : ", " + Texts.number(summary.failed()) + " failed";
        String time = ", " + Texts.duration(elapsed);
        String all = "  total  " + Texts.bar(24, summary.offsetsDone(), read, planned) + " " + percent(read, planned)
                + "  " + Texts.number(summary.offsetsDone()) + " of " + Texts.count(planned, "offset") + " durable, "
                + finished(summary) + " of " + Texts.count(summary.partitions(), "partition") + " done" + failed
                + (rate == 0 ? "" : ", " + Texts.number(rate) + " records/s") + time;
        String some = "  " + Texts.bar(12, summary.offsetsDone(), read, planned) + " " + percent(read, planned) + "  "
                + Texts.number(summary.offsetsDone()) + " of " + Texts.number(planned) + " durable, "
                + finished(summary) + "/" + summary.partitions() + " partitions" + failed + time;
        String few = "  " + Texts.bar(6, summary.offsetsDone(), read, planned) + " " + percent(read, planned)
                + failed.replaceFirst(",", " ") + time;
        return all.length() < columns ? all : some.length() < columns ? some : few;
    }

    /** Without a share: only the totals say how much is planned, and a partition may have more pieces to come. */
    private static Map<Integer, String> partitions(RunSummary summary, List<ConsumeProgress> reading) {
        Map<Integer, Long> left = new TreeMap<>();
        for (ConsumeProgress each : reading) {
            // Several activities can read one partition.
            each.partitions().forEach(range -> left.merge(range.partition(), range.length(), Long::sum));
        }
        Map<Integer, String> partitions = new TreeMap<>();
        for (PartitionResult each : summary.details()) {
            partitions.put(
                    each.partition(),
                    Texts.count(each.counts().folded(), "record") + " durable, " + Texts.count(each.rows(), "row"));
        }
        left.forEach((partition, offsets) -> partitions.merge(
                partition, "reading, " + Texts.count(offsets, "offset") + " left", (done, more) -> done + "; " + more));
        return partitions;
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
