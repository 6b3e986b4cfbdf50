package io.tidemark.plan;

import io.tidemark.job.CloseSpec;
import io.tidemark.job.CloseSpec.By;
import io.tidemark.job.InputSpec.Until;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.EndBefore;
import io.tidemark.run.Closing;
import io.tidemark.run.PartitionRange;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.Windows;
import io.tidemark.window.WindowAssigner;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides where the ranges of a run end, and which windows they close. By the nominal time of the run, windows close only in
 * a partition that the run reads up to all records of before that time: what a run closes, no record that was there makes
 * late.
 */
final class ClosingPlan {
    /** How far the clocks of producers may be ahead of this one. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(1);

    private static final EndBefore NOT_ASKED = new EndBefore(0, -1, 0);

    private final JobSpec job;
    private final @Nullable CloseSpec close;
    private final Instant nominal;
    /** By partition, the end of the records of before the nominal time; empty if nothing depends on it. */
    private final Map<Integer, EndBefore> ends;

    private final Instant now;
    /** With {@code by: run}, the start of the first window that stays open. */
    private final long limit;

    private final @Nullable WindowAssigner windows;
    /** With rows over all partitions, what is known of all of them; null otherwise. */
    private @Nullable TopicWindows topic;
    /** Partitions whose records of before the nominal time cannot all be read yet. */
    private final List<Integer> behind = new ArrayList<>();
    /** Partitions with a record whose timestamp has not come, which hides where the records of before that time end. */
    private final Map<Integer, EndBefore> ahead = new TreeMap<>();

    /** Asks how far the records of before the nominal time reach, if the job depends on it. */
    static ClosingPlan of(JobSpec job, Instant nominal, TopicCatalog catalog, List<Integer> partitions) {
        CloseSpec close = job.close();
        boolean asks = job.input().until() == Until.NOMINAL || (close != null && close.by() == By.RUN);
        return new ClosingPlan(
                job,
                nominal,
                asks ? catalog.endsBefore(nominal, job.input().topic(), partitions) : Map.of(),
                Instant.now());
    }

    ClosingPlan(JobSpec job, Instant nominal, Map<Integer, EndBefore> ends, Instant now) {
        this.now = now;
        this.job = job;
        this.close = job.close();
        this.nominal = nominal;
        this.ends = ends;
        this.windows = close == null ? null : WindowAssigner.of(job.window());
        this.limit = start(nominal.toEpochMilli());
    }

    /**
     * What a job with rows over all partitions knows of all of them.
     *
     * @param oldest the start of the oldest window that has totals or partial totals, or {@link Windows#NO_TOTALS}
     * @param watermark the least of the greatest event times of those partitions that ever had a record, or {@link
     *     Windows#NO_RECORD}
     */
    record TopicWindows(long oldest, long watermark) {}

    /** Makes all partitions close windows by what is known of all of them. */
    ClosingPlan over(TopicWindows all) {
        topic = all;
        return this;
    }

    /**
     * Returns what the run reads and closes of a partition; empty if that is nothing.
     *
     * @param stable the end of what can be read
     */
    Optional<PartitionRange> range(int partition, PartitionProgress stored, long stable) {
        long through = stored.through();
        EndBefore before = ends.getOrDefault(partition, NOT_ASKED);
        boolean known = before.time() <= now.plus(CLOCKS_DIFFER).toEpochMilli();
        long wanted = known ? before.offset() : 0;
        long end = Math.max(through, known && job.input().until() == Until.NOMINAL ? Math.min(stable, wanted) : stable);
        // A record of after that time that was read before says nothing about the records that follow.
        boolean complete = known && (end >= before.end() || end >= wanted && wanted >= through);
        Windows stands = topic == null
                ? stored.windows()
                : new Windows(stored.windows().closedBefore(), topic.watermark(), topic.oldest());
        if (!known) {
            ahead.put(partition, before);
        } else if (end < wanted && (end > through || close == null || stands.hasTotalsBefore(limit))) {
            behind.add(partition);
        }
        if (close == null) {
            return end == through ? Optional.empty() : Optional.of(new PartitionRange(partition, through, end));
        }
        long closedBefore = stands.closedBefore();
        long target = Math.max(closedBefore, target(stands, end > through, complete));
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
        return reads && topic == null || stands.watermark() == Windows.NO_RECORD
                ? Mark.NOTHING_CLOSED
                : start(stands.watermark());
    }

    /** Returns the start of the first window that stays open at a time. */
    private long start(long time) {
        return windows == null || close == null ? Mark.NOTHING_CLOSED : windows.oldestOpen(time, close.after());
    }

    /** Returns a warning if the run cannot read all records of before its nominal time. */
    List<String> warnings(HeldBack heldBack) {
        List<String> warnings = new ArrayList<>();
        String topic = job.input().topic();
        ahead.entrySet().stream()
                .findFirst()
                .ifPresent(first -> warnings.add(topic + "[" + first.getKey() + "] has a record at offset "
                        + first.getValue().offset() + " with the timestamp "
                        + Instant.ofEpochMilli(first.getValue().time())
                        + ", which has not come: the clock of its producer is ahead. Until that time the records of before"
                        + " the nominal time of a run cannot be told from later ones, so this run reads up to the end and"
                        + " closes no windows in " + ahead.size() + (ahead.size() == 1 ? " partition" : " partitions")
                        + ". Set message.timestamp.type=LogAppendTime, or a small message.timestamp.after.max.ms, on the"
                        + " topic"));
        if (behind.isEmpty()) {
            return warnings;
        }
        int first = behind.get(0);
        String holder = heldBack.holder(topic, first)
                .map(name -> "; " + topic + "[" + first + "] has an open transaction of " + name)
                .orElse("");
        warnings.add(topic + ": in " + behind.size() + (behind.size() == 1 ? " partition" : " partitions")
                + " this run cannot read all records of before its nominal time, " + nominal
                + (close != null && close.by() == By.RUN ? ", so it closes no windows there" : "")
                + holder + ". The next run reads the rest");
        return warnings;
    }
}
