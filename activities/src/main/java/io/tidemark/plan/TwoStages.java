package io.tidemark.plan;

import io.tidemark.check.IdentityCheck;
import io.tidemark.job.CloseSpec;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.SecondLook;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.plan.ClosingPlan.TopicWindows;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.run.TotalsPreview;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.Windows;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What the plan of the stage of records has to know of the stage of totals. */
final class TwoStages {
    private TwoStages() {}

    /**
     * Fails if a transaction of the cluster can hang.
     *
     * @throws TidemarkException REFUSED_BY_KAFKA
     */
    static void requireNoHanging(KafkaClients clients) {
        clients.hangingTransactions().ifPresent(why -> {
            throw new TidemarkException(
                    FailureKind.REFUSED_BY_KAFKA,
                    "the job has scope: topic, and " + why
                            + ". One hanging transaction in the topic of partial totals would stop all input partitions."
                            + " Nothing was read or written");
        });
    }

    /**
     * Returns the progress of the stage of totals.
     *
     * @param progress that of the stage of records
     * @throws TidemarkException STATE_LOST if only one of the stages has progress
     */
    static Map<Integer, PartitionProgress> totals(
            KafkaClients clients,
            JobSpec job,
            JobTopics topics,
            Map<Integer, PartitionProgress> progress,
            SecondLook leaders) {
        Topic state = topics.totals();
        JobSpec ofTotals = job.totals();
        if (state == null) {
            return Map.of();
        }
        int partitions = job.output().partitions();
        StateTopic topic = new StateTopic(clients, state.name());
        Map<Integer, PartitionProgress> totals = leaders.until(
                found -> progress.isEmpty() || found.size() == partitions, () -> topic.readStable(partitions));
        IdentityCheck check = new IdentityCheck(ofTotals);
        totals.forEach(check::requireSameMeaning);
        Topic partials = topics.result();
        Topic output = topics.output();
        if (partials != null && output != null) {
            // Before the first stage reads records that the second one could not add.
            PlanIdentity now = new PlanIdentity(
                    check.fingerprint().hash(), Planner.generation(totals), partials.id(), output.id(), state.id());
            totals.forEach((partition, each) -> check.requireSameTopics(now, partition, each));
        }
        for (int partition = 0; partition < partitions; partition++) {
            if (!progress.isEmpty() && !totals.containsKey(partition)) {
                throw totalsLost(ofTotals, partition);
            }
        }
        return totals;
    }

    /**
     * Fails if the topic of partial totals ends before an offset that one of the stages knows it to have had. Nothing may be
     * written to it then: it would grow beyond that offset again, and what is missing would not be noticed any more.
     *
     * @param records the progress of the stage of records
     * @param totals the progress of the stage of totals; read before the topic is looked at, as {@code records} is
     * @throws TidemarkException PARTIALS_LOST
     */
    static void requireWhole(
            TopicCatalog catalog,
            JobSpec job,
            Map<Integer, PartitionProgress> records,
            Map<Integer, PartitionProgress> totals,
            SecondLook leaders) {
        if (records.isEmpty() || totals.isEmpty()) {
            // Either the first run, or a state that is lost, of which the registration tells.
            return;
        }
        Map<Integer, Long> least = new TreeMap<>();
        totals.forEach((partition, each) ->
                least.put(partition, Math.max(each.through(), partialsEnd(records.values(), partition))));
        String topic = JobNames.partialsTopic(job);
        Map<Integer, Long> ends = leaders.until(
                found -> shorter(found, least).isEmpty(), () -> catalog.highWatermarks(topic, least.keySet()));
        shorter(ends, least).ifPresent(each -> {
            long end = ends.getOrDefault(each.getKey(), 0L);
            throw partialsLost(topic, each.getKey(), end, each.getValue(), JobNames.stateTopic(job));
        });
    }

    /**
     * Returns what waits for the stage of totals in each output partition, without the fences of {@link TotalsPlanner}.
     *
     * @param records the progress of the stage of records
     * @param totals the progress of the stage of totals
     */
    static List<TotalsPreview> waiting(
            TopicCatalog catalog,
            JobSpec job,
            Map<Integer, PartitionProgress> records,
            Map<Integer, PartitionProgress> totals) {
        if (totals.isEmpty()) {
            return List.of();
        }
        Map<Integer, Long> ends = catalog.stableBounds(JobNames.partialsTopic(job), totals.keySet())
                .ends();
        List<TotalsPreview> waiting = new ArrayList<>();
        totals.forEach((partition, each) -> {
            long to = Math.max(each.through(), ends.getOrDefault(partition, 0L));
            waiting.add(new TotalsPreview(
                    partition, each.through(), to, Math.max(0, partialsEnd(records.values(), partition) - to)));
        });
        return waiting;
    }

    private static Optional<Map.Entry<Integer, Long>> shorter(Map<Integer, Long> ends, Map<Integer, Long> least) {
        return least.entrySet().stream()
                .filter(each -> ends.getOrDefault(each.getKey(), 0L) < each.getValue())
                .findFirst();
    }

    /** Returns the failure of an output partition whose partial totals end too early. */
    static TidemarkException partialsLost(String topic, int partition, long end, long needed, String state) {
        return new TidemarkException(
                FailureKind.PARTIALS_LOST,
                topic + "[" + partition + "] ends at offset " + end + ", but " + state
                        + " says that partial totals were written to it up to offset " + needed
                        + ": the topic has lost records. To compute the totals again, give the job a new name and a new"
                        + " output.topic");
    }

    /** Returns the failure of an output partition that has no progress, though the job has run. */
    static TidemarkException totalsLost(JobSpec ofTotals, int partition) {
        return new TidemarkException(
                FailureKind.STATE_LOST,
                "the job has progress in " + JobNames.recordsStateTopic(ofTotals) + ", but none in "
                        + JobNames.stateTopic(ofTotals) + "[" + partition
                        + "]: the running totals are lost. To compute them again, give the job a new name and a new"
                        + " output.topic");
    }

    /** Returns the offset after the last partial totals in an output partition, according to the stage of records. */
    static long partialsEnd(Collection<PartitionProgress> records, int partition) {
        return records.stream()
                .mapToLong(each -> each.partialsEnd().get(partition))
                .max()
                .orElse(0);
    }

    /**
     * Reads progress without a watermark again, as long as a commit there may have no marker yet. Otherwise a run that has just
     * read the first records of a partition would not close by them. Comes before the ends of the input are asked for, so that
     * no progress is beyond them.
     *
     * @param records the progress of the stage of records, which is replaced
     */
    static void awaitFirstWatermarks(
            KafkaClients clients, JobSpec job, Map<Integer, PartitionProgress> records, SecondLook leaders) {
        List<Integer> first = records.entrySet().stream()
                .filter(each -> each.getValue().windows().watermark() == Windows.NO_RECORD)
                .map(Map.Entry::getKey)
                .toList();
        CloseSpec close = job.close();
        if (first.isEmpty() || close == null || close.by() != CloseSpec.By.EVENT_TIME) {
            return;
        }
        StateTopic state = new StateTopic(clients, JobNames.stateTopic(job));
        TopicCatalog catalog = new TopicCatalog(clients);
        leaders.until(each -> each, () -> {
            // Before the progress is read: a marker may come in between.
            boolean isVisible = catalog.heldBack(state.name(), first).isEmpty();
            records.putAll(state.readStable(first));
            return isVisible;
        });
    }

    /**
     * Returns which windows may close, and by what.
     *
     * @param unread the input partitions that have records to read
     */
    static TopicWindows windows(
            Map<Integer, PartitionProgress> records, Map<Integer, PartitionProgress> totals, Set<Integer> unread) {
        // Partial totals that are not added yet may be of any window. A window closes only if all input partitions
        // announce it, so those without records announce it in the run that reads records of it elsewhere.
        boolean complete = unread.isEmpty() && areInRows(records, totals);
        long oldest = totals.values().stream()
                .mapToLong(each -> each.windows().oldest())
                .min()
                .orElse(Windows.NO_TOTALS);
        Map<Integer, Long> watermarks = new HashMap<>();
        records.forEach((partition, each) -> {
            if (each.windows().watermark() != Windows.NO_RECORD) {
                watermarks.put(partition, each.windows().watermark());
            }
        });
        // The first records of a partition may be of any window, also if they are read already and the commit of their
        // progress has no marker yet.
        long watermark = watermarks.keySet().containsAll(unread)
                ? watermarks.values().stream().min(Comparator.naturalOrder()).orElse(Windows.NO_RECORD)
                : Windows.NO_RECORD;
        return new TopicWindows(complete ? oldest : Long.MIN_VALUE, watermark);
    }

    /** Whether all partial totals that the stage of records has written are in rows. */
    static boolean areInRows(Map<Integer, PartitionProgress> records, Map<Integer, PartitionProgress> totals) {
        return totals.entrySet().stream()
                .allMatch(each -> each.getValue().through() >= partialsEnd(records.values(), each.getKey()));
    }

    /** Returns the progress of a partition that is known to have one. */
    static PartitionProgress of(Map<Integer, PartitionProgress> progress, int partition) {
        return Objects.requireNonNull(progress.get(partition), "the partition has progress");
    }
}
