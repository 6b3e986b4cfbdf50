package io.tidemark.plan;

import io.tidemark.check.Retention;
import io.tidemark.fold.InputRecord;
import io.tidemark.job.CloseSpec;
import io.tidemark.job.JobSpec;
import io.tidemark.job.RunBudget;
import io.tidemark.job.Scope;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.input.InputReader;
import io.tidemark.kafka.input.RecordHandler;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PartitionProgress.Batch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Cuts a plan to what one run takes: the job's budget and {@code limits.offsetsPerRun}. */
final class RunShare {
    /** Sampled partitions: enough to estimate the size of records, few enough to be read quickly. */
    private static final int SAMPLED_PARTITIONS = 16;

    private static final int SAMPLED_OFFSETS = 500;
    private static final Duration SAMPLING = Duration.ofSeconds(20);

    private final KafkaClients clients;

    RunShare(KafkaClients clients) {
        this.clients = clients;
    }

    /** Cuts a plan that contains all new offsets. */
    RunPlan cut(JobSpec job, RunPlan all, Map<Integer, PartitionProgress> progress) {
        RunBudget budget = job.budget();
        List<PartitionRange> ranges = all.ranges();
        List<String> by = new ArrayList<>();
        long perPartition = job.limits().offsetsPerRun();
        if (ranges.stream().anyMatch(each -> each.length() > perPartition)) {
            ranges = ranges.stream().map(each -> first(each, perPartition)).toList();
            by.add("limits.offsetsPerRun " + perPartition);
        }
        if (length(ranges) > budget.records()) {
            ranges = FairCut.cut(ranges, budget.records(), each -> 1);
            by.add("budget.records " + budget.records());
        }
        if (budget.bytes() < Long.MAX_VALUE && !ranges.isEmpty()) {
            Map<Integer, Double> weights = weights(job, ranges, progress);
            List<PartitionRange> cut =
                    FairCut.cut(ranges, budget.bytes(), each -> weights.getOrDefault(each.partition(), 1.0));
            if (length(cut) < length(ranges)) {
                ranges = cut;
                by.add("budget.bytes " + budget.bytes());
            }
        }
        if (closesByAllEventTimes(job)) {
            ranges = closing(all.ranges(), ranges);
        }
        return by.isEmpty()
                ? all
                : new RunPlan(
                        all.identity(),
                        all.partitions(),
                        ranges,
                        all.problems(),
                        length(all.ranges()) - length(ranges),
                        all.ranges().size() - ranges.size(),
                        String.join(", ", by),
                        all.warnings(),
                        all.heldBack(),
                        all.unnamed(),
                        all.published());
    }

    /** Whether windows close by the event times of records that earlier batches have read, in all partitions. */
    private static boolean closesByAllEventTimes(JobSpec job) {
        CloseSpec close = job.close();
        return job.scope() == Scope.TOPIC && close != null && close.by() == CloseSpec.By.EVENT_TIME;
    }

    /** Returns cut ranges that close what the whole ones do: it does not depend on the records that are left for later. */
    private static List<PartitionRange> closing(List<PartitionRange> whole, List<PartitionRange> cut) {
        Map<Integer, PartitionRange> taken = new TreeMap<>();
        cut.forEach(each -> taken.put(each.partition(), each));
        return whole.stream()
                .map(each -> {
                    PartitionRange part = taken.getOrDefault(each.partition(), each.part(each.from(), each.from()));
                    return new PartitionRange(each.partition(), part.from(), part.to(), each.closing());
                })
                .filter(each -> !each.isDone())
                .toList();
    }

    /**
     * Returns the estimated bytes of key and value per offset, by partition: from the partition's last batch; otherwise
     * the mean of the job's other partitions; before the first batch, the mean of a small sample.
     */
    private Map<Integer, Double> weights(
            JobSpec job, List<PartitionRange> ranges, Map<Integer, PartitionProgress> progress) {
        Map<Integer, Double> weights = new TreeMap<>();
        long bytes = 0;
        long offsets = 0;
        for (PartitionRange each : ranges) {
            PartitionProgress stored = progress.get(each.partition());
            Batch last = stored == null ? null : stored.last();
            if (last != null && last.counts().bytes() > 0) {
                weights.put(each.partition(), (double) last.counts().bytes() / (last.to() - last.from()));
                bytes += last.counts().bytes();
                offsets += last.to() - last.from();
            }
        }
        double mean = offsets > 0 ? (double) bytes / offsets : sampled(job, ranges);
        ranges.forEach(each -> weights.putIfAbsent(each.partition(), mean));
        return weights;
    }

    private double sampled(JobSpec job, List<PartitionRange> ranges) {
        int step = Math.max(1, ranges.size() / SAMPLED_PARTITIONS);
        List<PartitionRange> sample = new ArrayList<>();
        for (int i = 0; i < ranges.size(); i += step) {
            sample.add(first(ranges.get(i), SAMPLED_OFFSETS));
        }
        // They only close windows, and say nothing about the size of records.
        sample.removeIf(each -> each.length() == 0);
        if (sample.isEmpty()) {
            return 1;
        }
        Sizes sizes = new Sizes(job);
        List<InputReader.Read> reads = InputReader.of(clients)
                .read(
                        job.input().topic(),
                        Retention.present(new TopicCatalog(clients), job, sample),
                        SAMPLING,
                        sizes,
                        remaining -> {});
        long offsets = length(reads.stream().map(InputReader.Read::range).toList());
        // At least 1: offsets without records or bytes still take time.
        return Math.max(1.0, (double) sizes.bytes / Math.max(1, offsets));
    }

    /** Adds up the sizes of records. */
    private static final class Sizes implements RecordHandler {
        private final JobSpec job;
        private long bytes;

        Sizes(JobSpec job) {
            this.job = job;
        }

        @Override
        public void record(InputRecord record) {
            bytes += record.size();
        }

        @Override
        public int maxBytes() {
            return job.input().maxRecordBytes();
        }

        @Override
        public void tooLarge(int partition, long offset, long timestamp, long size) {
            bytes += size;
        }
    }

    private static PartitionRange first(PartitionRange range, long max) {
        return range.part(range.from(), range.from() + Math.min(max, range.length()));
    }

    private static long length(List<PartitionRange> ranges) {
        return ranges.stream().mapToLong(PartitionRange::length).sum();
    }
}
