package io.tidemark.plan;

import io.tidemark.job.CloseSpec;
import io.tidemark.job.CloseSpec.By;
import io.tidemark.job.InputSpec.Until;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.run.Closing;
import io.tidemark.run.PartitionRange;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.Windows;
import io.tidemark.window.WindowAssigner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides where the ranges of a run end, and which windows they close. By the nominal time of the run, windows close only in
 * a partition that the run reads up to all records of before that time: what a run closes, no record that was there makes
 * late.
 */
final class ClosingPlan {
    private final JobSpec job;
    private final @Nullable CloseSpec close;
    private final Instant nominal;
    /** By partition, the end of the records of before the nominal time; empty if nothing depends on it. */
    private final Map<Integer, Long> ends;
    /** With {@code by: run}, the start of the first window that stays open. */
    private final long limit;

    private final @Nullable WindowAssigner windows;
    /** Partitions whose records of before the nominal time cannot all be read yet. */
    private final List<Integer> behind = new ArrayList<>();

    /** Asks how far the records of before the nominal time reach, if the job depends on it. */
    static ClosingPlan of(JobSpec job, Instant nominal, TopicCatalog catalog, List<Integer> partitions) {
        CloseSpec close = job.close();
        boolean asks = job.input().until() == Until.NOMINAL || (close != null && close.by() == By.RUN);
        return new ClosingPlan(
                job, nominal, asks ? catalog.endsBefore(nominal, job.input().topic(), partitions) : Map.of());
    }

    ClosingPlan(JobSpec job, Instant nominal, Map<Integer, Long> ends) {
        this.job = job;
        this.close = job.close();
        this.nominal = nominal;
        this.ends = ends;
        this.windows = close == null ? null : WindowAssigner.of(job.window());
        this.limit = start(nominal.toEpochMilli());
    }

    /**
     * Returns what the run reads and closes of a partition; empty if that is nothing.
     *
     * @param stable the end of what can be read
     */
    Optional<PartitionRange> range(int partition, PartitionProgress stored, long stable) {
        long through = stored.through();
        long wanted = ends.getOrDefault(partition, 0L);
        long end = Math.max(through, job.input().until() == Until.NOMINAL ? Math.min(stable, wanted) : stable);
        Windows stands = stored.windows();
        if (end < wanted && (end > through || close == null || stands.hasTotalsBefore(limit))) {
            behind.add(partition);
        }
        if (close == null) {
            return end == through ? Optional.empty() : Optional.of(new PartitionRange(partition, through, end));
        }
        long closedBefore = stands.closedBefore();
        long target = Math.max(closedBefore, target(stands, end > through, end >= wanted));
        boolean closes = target > closedBefore && stands.hasTotalsBefore(target);
        return end == through && !closes
                ? Optional.empty()
                : Optional.of(new PartitionRange(partition, through, end, new Closing(closedBefore, target)));
    }

    private long target(Windows stands, boolean reads, boolean complete) {
        if (close != null && close.by() == By.RUN) {
            return complete ? limit : Mark.NOTHING_CLOSED;
        }
        // With records to read, the target follows from them too, so produce finds it. Without, windows may be left of
        // a run that ended before it had closed all.
        return reads || stands.watermark() == Windows.NO_RECORD ? Mark.NOTHING_CLOSED : start(stands.watermark());
    }

    /** Returns the start of the first window that stays open at a time. */
    private long start(long time) {
        return windows == null || close == null ? Mark.NOTHING_CLOSED : windows.oldestOpen(time, close.after());
    }

    /** Returns a warning if the run cannot read all records of before its nominal time. */
    List<String> warnings(HeldBack heldBack) {
        if (behind.isEmpty()) {
            return List.of();
        }
        String topic = job.input().topic();
        int first = behind.get(0);
        String holder = heldBack.holder(topic, first)
                .map(name -> "; " + topic + "[" + first + "] has an open transaction of " + name)
                .orElse("");
        return List.of(topic + ": in " + behind.size() + (behind.size() == 1 ? " partition" : " partitions")
                + " this run cannot read all records of before its nominal time, " + nominal
                + (close != null && close.by() == By.RUN ? ", so it closes no windows there" : "")
                + holder + ". The next run reads the rest");
    }
}
