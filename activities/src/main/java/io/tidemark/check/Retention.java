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

/** What retention removed before it was read, or soon will: what a plan has to say about the start of the log. */
public final class Retention {
    /** So many partitions are told one by one; what thousands have in common needs one sentence. */
    private static final int TOLD = 5;

    private final TopicCatalog catalog;
    private final JobSpec job;
    private final Instant now;
    private final List<String> warnings = new ArrayList<>();
    private int gaps;
    private final List<Near> near = new ArrayList<>();

    /** A partition whose log start has moved further since the last batch than it is away from what is unread. */
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
     * Looks at one partition.
     *
     * @throws io.tidemark.run.TidemarkException RETENTION_GAP where records are lost and the job does not go on without
     *     them
     */
    public void look(int partition, PartitionProgress progress, long begin, long end) {
        long through = progress.through();
        Batch last = progress.last();
        if (begin > through) {
            if (job.input().dataLoss() == DataLoss.FAIL) {
                throw InputProblems.retentionGap(job.input().topic(), partition, through, begin);
            }
            if (++gaps <= TOLD) {
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

    /** What a person should know. */
    public List<String> warnings() {
        List<String> all = new ArrayList<>(warnings);
        if (gaps > TOLD) {
            all.add("retention removed unread offsets of " + (gaps - TOLD) + " more partitions; the run's account has"
                    + " the number of each");
        }
        near.stream().min(Comparator.comparing(Near::left)).ifPresent(nearest -> all.add(near(nearest)));
        return all;
    }

    private String lost(int partition, long through, long begin, @Nullable Batch last) {
        String before = last == null || last.newest() < 0 ? "" : " after " + Instant.ofEpochMilli(last.newest());
        String after = catalog.firstTime(job.input().topic(), partition)
                .map(time -> " before " + time)
                .orElse("");
        return where(partition) + ": retention removed offsets " + through + " to " + (begin - 1) + ", which are "
                + (begin - through) + ", before they were read; the run goes on without them, as the job says"
                + " (input.dataLoss: continue)"
                + (before.isEmpty() && after.isEmpty() ? "" : ". Their records were of the time" + before + after);
    }

    private String near(Near nearest) {
        return where(nearest.partition()) + ": retention comes near. The log begins at offset " + nearest.begin()
                + ", " + nearest.margin() + " before the next one to read, and that start has moved by "
                + nearest.moved() + " in the " + text(nearest.since()) + " since the last batch: at that rate records"
                + " are removed unread in " + text(nearest.left())
                + (near.size() == 1 ? "" : ", and so in " + (near.size() - 1) + " more partitions")
                + ". Run the job more often, or keep the topic for longer (retention.ms, retention.bytes)";
    }

    private String where(int partition) {
        return job.input().topic() + "[" + partition + "]";
    }

    private static String text(Duration duration) {
        return duration.toHours() >= 48
                ? duration.toDays() + " days"
                : duration.toMinutes() >= 120 ? duration.toHours() + " hours" : duration.toMinutes() + " minutes";
    }

    /** The ranges without what retention has removed. */
    public static List<PartitionRange> present(TopicCatalog catalog, JobSpec job, List<PartitionRange> ranges) {
        if (job.input().dataLoss() == DataLoss.FAIL || ranges.isEmpty()) {
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
