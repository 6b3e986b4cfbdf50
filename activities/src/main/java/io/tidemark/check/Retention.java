package io.tidemark.check;

import io.tidemark.job.InputSpec.DataLoss;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.input.InputProblems;
import io.tidemark.run.PartitionRange;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PartitionProgress.Batch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reports offsets that retention removed before they were read, and partitions where that will happen soon. */
public final class Retention {
    /** Partitions that are reported one by one; the others are summarised in one sentence. */
    private static final int MAX_NAMED = 5;

    private final TopicCatalog catalog;
    private final JobSpec job;
    private final Instant now;
    private final List<String> warnings = new ArrayList<>();
    private int gaps;
    private final List<Near> near = new ArrayList<>();

    /**
     * A partition whose log start has moved by more offsets since the last batch than remain between it and the next
     * offset to read.
     *
     * @param margin offsets between the log start and the next offset to read
     * @param moved offsets by which the log start has moved
     * @param since time since the last batch
     */
    private record Near(int partition, long begin, long margin, long moved, Duration since) {
        Duration left() {
            return Duration.ofMillis((long) ((double) since.toMillis() * margin / moved));
        }
    }

    public Retention(TopicCatalog catalog, JobSpec job, Instant now) {
        this.catalog = catalog;
        this.job = job;
        this.now = now;
    }

    /**
     * Checks one partition.
     *
     * @throws io.tidemark.run.TidemarkException RETENTION_GAP if records are lost and the job has {@code
     *     input.dataLoss: fail}
     */
    public void look(int partition, PartitionProgress progress, long begin, long end) {
        long through = progress.through();
        Batch last = progress.last();
        if (begin > through) {
            if (job.input().dataLoss() == DataLoss.FAIL) {
                throw InputProblems.retentionGap(job.input().topic(), partition, through, begin);
            }
            if (++gaps <= MAX_NAMED) {
                warnings.add(lost(partition, through, begin, last));
            }
        } else if (last != null && last.logStart() >= 0 && end > through) {
            long moved = begin - last.logStart();
            if (begin + moved > through) {
                near.add(new Near(
                        partition,
                        begin,
                        through - begin,
                        moved,
                        Duration.ofMillis(Math.max(0, now.toEpochMilli() - last.at()))));
            }
        }
    }

    /** Returns the warnings about all partitions that were checked. */
    public List<String> warnings() {
        List<String> all = new ArrayList<>(warnings);
        if (gaps > MAX_NAMED) {
            all.add("retention removed unread offsets of " + (gaps - MAX_NAMED) + " more partitions; the run's account"
                    + " contains their numbers");
        }
        near.stream().min(Comparator.comparing(Near::left)).ifPresent(nearest -> all.add(near(nearest)));
        return all;
    }

    private String lost(int partition, long through, long begin, @Nullable Batch last) {
        String before = last == null || last.newest() < 0 ? "" : " after " + Instant.ofEpochMilli(last.newest());
        String after = catalog.firstTime(job.input().topic(), partition)
                .map(time -> " before " + time)
                .orElse("");
        return where(partition) + ": retention removed " + (begin - through) + " offsets (" + through + " to "
                + (begin - 1) + ") before they were read; the run continues without them (input.dataLoss: continue)"
                + (before.isEmpty() && after.isEmpty() ? "" : ". The time of the lost records is" + before + after);
    }

    private String near(Near nearest) {
        return where(nearest.partition()) + ": retention will soon remove unread records. The log begins at offset "
                + nearest.begin() + ", " + nearest.margin()
                + " before the next offset to read, and its start has moved by "
                + nearest.moved() + " in the " + text(nearest.since()) + " since the last batch: at this rate the first"
                + " unread record is removed in " + text(nearest.left())
                + (near.size() == 1 ? "" : "; " + (near.size() - 1) + " more partitions are at risk")
                + ". Run the job more often, or raise the topic's retention (retention.ms, retention.bytes)";
    }

    private String where(int partition) {
        return job.input().topic() + "[" + partition + "]";
    }

    private static String text(Duration duration) {
        return duration.toHours() >= 48
                ? duration.toDays() + " days"
                : duration.toMinutes() >= 120 ? duration.toHours() + " hours" : duration.toMinutes() + " minutes";
    }

    /**
     * Returns the ranges without the offsets that retention has removed, if the job has {@code input.dataLoss:
     * continue}.
     */
    public static List<PartitionRange> present(TopicCatalog catalog, JobSpec job, List<PartitionRange> ranges) {
        if (job.input().dataLoss() == DataLoss.FAIL || ranges.stream().allMatch(each -> each.length() == 0)) {
            return ranges;
        }
        Map<Integer, Long> begins = catalog.firstOffsets(
                job.input().topic(),
                ranges.stream().map(PartitionRange::partition).toList());
        return ranges.stream()
                .map(each -> new PartitionRange(
                        each.partition(),
                        Math.min(each.to(), Math.max(each.from(), begins.getOrDefault(each.partition(), 0L))),
                        each.to()))
                .toList();
    }
}
