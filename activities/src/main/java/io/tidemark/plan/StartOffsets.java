package io.tidemark.plan;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.StartSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.state.GroupOffsets;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Finds where a job starts to read partitions of which it has no progress. */
final class StartOffsets {
    private final TopicCatalog catalog;
    private final GroupOffsets groups;

    StartOffsets(KafkaClients clients) {
        this.catalog = new TopicCatalog(clients);
        this.groups = new GroupOffsets(clients);
    }

    /** Returns the start offsets of partitions without progress. */
    Map<Integer, Long> of(
            JobSpec job,
            Map<Integer, PartitionProgress> progress,
            Map<Integer, GroupOffsets.Committed> published,
            Map<Integer, Long> begins,
            Map<Integer, Long> ends) {
        List<Integer> missing = begins.keySet().stream()
                .filter(partition -> !progress.containsKey(partition))
                .toList();
        // A partition that was added later is read from its beginning, whatever the start of the job's first run was.
        StartSpec start = progress.isEmpty() ? job.start() : new StartSpec.Earliest();
        if (missing.isEmpty()) {
            return Map.of();
        }
        return start.match(
                earliest -> starts(missing, begins, Map.of()),
                latest -> starts(missing, ends, Map.of()),
                at -> starts(missing, catalog.offsetsAt(job.input().topic(), missing, at.at()), ends),
                group -> startsOfGroup(job, group.group(), missing, published, begins));
    }

    /** Returns for each partition its offset in {@code offsets}, else in {@code others}, else 0. */
    private static Map<Integer, Long> starts(
            List<Integer> partitions, Map<Integer, Long> offsets, Map<Integer, Long> others) {
        Map<Integer, Long> starts = new TreeMap<>();
        partitions.forEach(partition ->
                starts.put(partition, offsets.getOrDefault(partition, others.getOrDefault(partition, 0L))));
        return starts;
    }

    /** Returns the offsets that a consumer group committed. */
    private Map<Integer, Long> startsOfGroup(
            JobSpec job,
            String group,
            List<Integer> missing,
            Map<Integer, GroupOffsets.Committed> published,
            Map<Integer, Long> begins) {
        Map<Integer, GroupOffsets.Committed> offsets = group.equals(JobNames.group(job))
                ? published
                : groups.readStable(group, job.input().topic(), begins.size());
        // Not the last stable offsets: a consumer with read_uncommitted may have committed an offset behind them.
        Map<Integer, Long> logEnds = catalog.highWatermarks(job.input().topic(), missing);
        Map<Integer, Long> starts = new TreeMap<>();
        for (int partition : missing) {
            GroupOffsets.Committed committed = offsets.get(partition);
            if (committed == null) {
                throw new TidemarkException(
                        FailureKind.INVALID_JOB,
                        "start: group " + group + " has no offset for "
                                + job.input().topic() + "["
                                + partition + "]; commit an offset for every partition, or set start to earliest,"
                                + " latest or a time");
            }
            requireInLog(
                    job,
                    group,
                    partition,
                    committed.offset(),
                    begins.getOrDefault(partition, 0L),
                    logEnds.getOrDefault(partition, 0L));
            starts.put(partition, committed.offset());
        }
        return starts;
    }

    /** A registered start cannot be changed, so it must be within the log. */
    private static void requireInLog(JobSpec job, String group, int partition, long offset, long begin, long end) {
        if (offset < begin || offset > end) {
            throw new TidemarkException(
                    FailureKind.INVALID_JOB,
                    "start: group " + group + " is at offset " + offset + " of "
                            + job.input().topic() + "["
                            + partition + "], but the log has offsets " + begin + " to " + end
                            + "; reset the group's offset, or set start to earliest, latest or a time");
        }
    }
}
