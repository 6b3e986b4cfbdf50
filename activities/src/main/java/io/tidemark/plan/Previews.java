package io.tidemark.plan;

import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.run.PartitionPreview;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.run.RunPreview;
import io.tidemark.run.TotalsPreview;
import io.tidemark.state.PartitionProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Puts together what a preview says of each partition. */
final class Previews {
    private final HeldBack.Look look;
    private final Map<Integer, PartitionProgress> progress;
    private final Set<Integer> unread;
    private final Map<Integer, RecordTimes.Span> times;

    /**
     * Creates previews.
     *
     * @param progress where each partition is read from, also those that a run would register first
     * @param unread partitions that no run has registered
     */
    Previews(
            HeldBack.Look look,
            Map<Integer, PartitionProgress> progress,
            Set<Integer> unread,
            Map<Integer, RecordTimes.Span> times) {
        this.look = look;
        this.progress = progress;
        this.unread = unread;
        this.times = times;
    }

    /** @param totals what waits for the second stage, or null if the job has one */
    RunPreview of(
            RunPlan plan, boolean first, JobTopics.Ready topics, int partitions, @Nullable List<TotalsPreview> totals) {
        Map<Integer, PartitionRange> ranges = new TreeMap<>();
        plan.ranges().forEach(each -> ranges.put(each.partition(), each));
        Map<Integer, PartitionProblem> problems = new TreeMap<>();
        plan.problems().forEach(each -> problems.put(each.partition(), each));
        List<PartitionPreview> all = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            PartitionProgress stored = progress.get(partition);
            long through = stored == null ? 0 : stored.through();
            PartitionRange range = ranges.getOrDefault(partition, new PartitionRange(partition, through, through));
            RecordTimes.Span span = times.getOrDefault(partition, new RecordTimes.Span(-1, -1));
            PartitionProblem problem = problems.get(partition);
            long begin = look.log().begins().getOrDefault(partition, 0L);
            all.add(new PartitionPreview(
                    partition,
                    unread.contains(partition),
                    range.from(),
                    range.to(),
                    // A refused partition is not read, so all that retention removed is lost to it.
                    Math.max(0, (problem != null ? begin : Math.min(begin, range.to())) - range.from()),
                    look.held().getOrDefault(partition, 0L),
                    span.first(),
                    span.last(),
                    range.target() > range.closedBefore(),
                    problem));
        }
        return new RunPreview(
                plan,
                first,
                topics.all().stream()
                        .filter(each -> each.id().isEmpty())
                        .map(Topic::name)
                        .toList(),
                topics.growing().stream()
                        .filter(each -> each.partitions() < partitions)
                        .map(Topic::name)
                        .toList(),
                all,
                totals);
    }
}
