package io.tidemark.plan;

import io.tidemark.check.IdentityCheck;
import io.tidemark.check.WrittenRows;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Pause;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.client.SecondLook;
import io.tidemark.kafka.cluster.ActiveProducers;
import io.tidemark.kafka.cluster.ActiveProducers.Producer;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Bounds;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.kafka.transaction.TransactionMarkers;
import io.tidemark.run.Closing;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Plans the stage of totals: which partial totals it adds, and which windows it closes. It closes only what the stage of records
 * has announced for all input partitions, and only where it has all partial totals of that announcement; see "Topic scope" in
 * docs/exactly-once.md.
 */
final class TotalsPlanner {
    private static final long PAUSE_MILLIS = 20;

    private final KafkaClients clients;
    private final TopicCatalog catalog;
    private final ActiveProducers producers;
    private final HeldBack heldBack;

    TotalsPlanner(KafkaClients clients, HeldBack heldBack) {
        this.clients = clients;
        this.catalog = new TopicCatalog(clients);
        this.producers = new ActiveProducers(clients);
        this.heldBack = heldBack;
    }

    /** Returns the plan; see {@link Planner#plan}. */
    RunPlan plan(JobSpec job) {
        Map<String, Topic> topics = topics(job);
        SecondLook leaders = SecondLook.atLeaders(clients);
        List<Integer> partitions = Planner.partitions(job.output().partitions());
        new TransactionMarkers(clients).await(JobNames.transactionalIdPrefix(job));
        StateTopic state = new StateTopic(clients, JobNames.stateTopic(job));
        Map<Integer, PartitionProgress> stored =
                leaders.until(found -> found.size() == partitions.size(), () -> state.readStable(partitions));
        for (int partition : partitions) {
            if (!stored.containsKey(partition)) {
                throw TwoStages.totalsLost(job, partition);
            }
        }
        PlanIdentity identity = identity(job, topics, stored);
        IdentityCheck check = new IdentityCheck(job);
        stored.forEach((partition, each) -> check.require(identity, partition, each));
        Map<Integer, PartitionProgress> records = records(job, identity.inputs(), leaders);

        Bounds log = whole(job, partitions, records.values());
        List<String> warnings = new ArrayList<>(StateGrowth.warnings(job, stored));
        Map<Integer, TidemarkException> failing =
                new WrittenRows(job).failing(catalog, SecondLook.atLeaders(clients), stored, warnings);
        List<PartitionRange> ranges = new ArrayList<>();
        List<PartitionProblem> problems = new ArrayList<>();
        long held = 0;
        for (int partition : partitions) {
            PartitionProgress each = TwoStages.of(stored, partition);
            try {
                if (failing.containsKey(partition)) {
                    throw failing.get(partition);
                }
                long end = end(job, partition, each, log, state, leaders);
                long needed = TwoStages.partialsEnd(records.values(), partition);
                boolean isWhole = end >= needed;
                if (!isWhole) {
                    requireWritten(job, partition, needed, leaders);
                    held += needed - end;
                    warnings.add(hidden(job, partition, end, needed));
                }
                boolean knowsAll =
                        records.size() == identity.inputs() && each.identity().inputs() == identity.inputs();
                range(job, partition, each, end, isWhole && knowsAll ? announced(records) : Mark.NOTHING_CLOSED)
                        .ifPresent(ranges::add);
            } catch (TidemarkException e) {
                if (e.kind().retryable()) {
                    throw e;
                }
                problems.add(new PartitionProblem(partition, e.kind(), String.valueOf(e.getMessage())));
            }
        }
        return new RunPlan(identity, partitions.size(), ranges, problems, 0, 0, null, warnings, held, 0, null);
    }

    private Map<String, Topic> topics(JobSpec job) {
        String partials = job.input().topic();
        List<String> names =
                List.of(partials, JobNames.stateTopic(job), job.output().topic());
        Map<String, Topic> found = catalog.findExpected(names, Right.WRITE);
        for (String name : names) {
            if (!found.containsKey(name)) {
                throw new TidemarkException(
                        name.equals(partials) ? FailureKind.PARTIALS_LOST : FailureKind.TOPIC_MISSING,
                        "topic " + name
                                + " was deleted after the run was planned. To compute the totals again, give the"
                                + " job a new name and a new output.topic");
            }
        }
        // A person can have changed them since the first stage was planned.
        JobTopics.requireKept(catalog, partials);
        return found;
    }

    private PlanIdentity identity(JobSpec job, Map<String, Topic> topics, Map<Integer, PartitionProgress> stored) {
        return new PlanIdentity(
                new IdentityCheck(job).fingerprint().hash(),
                Planner.generation(stored),
                id(topics, job.input().topic()),
                id(topics, job.output().topic()),
                id(topics, JobNames.stateTopic(job)),
                clients.clusterId(),
                stored.values().stream()
                        .mapToInt(each -> each.identity().inputs())
                        .max()
                        .orElse(0));
    }

    private static String id(Map<String, Topic> topics, String name) {
        return Objects.requireNonNull(topics.get(name), "the topic was found").id();
    }

    /** Returns the progress of the input partitions, as far as it is visible. */
    private Map<Integer, PartitionProgress> records(JobSpec job, int inputs, SecondLook leaders) {
        StateTopic state = new StateTopic(clients, JobNames.recordsStateTopic(job));
        return leaders.until(found -> found.size() == inputs, () -> state.readStable(inputs));
    }

    /**
     * Returns the log of partial totals up to its last stable offsets. If that hides partial totals which the stage of records has
     * committed, another slice has an open transaction before them; it is fenced, and the answer is waited for, as long as for a
     * record of a state topic.
     */
    private Bounds whole(JobSpec job, List<Integer> partitions, Collection<PartitionProgress> records) {
        String topic = job.input().topic();
        long begun = System.nanoTime();
        long most = clients.retryTimes().state().toNanos();
        while (true) {
            Bounds log = catalog.stableBounds(topic, partitions);
            Set<Integer> hidden = partitions.stream()
                    .filter(each -> log.ends().getOrDefault(each, 0L) < TwoStages.partialsEnd(records, each))
                    .collect(Collectors.toSet());
            if (hidden.isEmpty() || System.nanoTime() - begun > most) {
                return log;
            }
            for (String id : open(job, hidden)) {
                try (FencingProducer producer = new FencingProducer(clients, id, 0)) {
                    producer.fence();
                }
            }
            Pause.millis(PAUSE_MILLIS);
        }
    }

    /** Returns the transactional ids of this job's slices that have open transactions in partitions. */
    private Set<String> open(JobSpec job, Set<Integer> partitions) {
        return producers.find(job.input().topic(), partitions).stream()
                .filter(each -> each.openFrom().isPresent())
                .map(Producer::transactionalId)
                .flatMap(each -> Optional.ofNullable(each).stream())
                .filter(each -> each.startsWith(JobNames.transactionalIdPrefix(job)))
                .collect(Collectors.toSet());
    }

    /** Returns the end of what can be added, after checks that nothing is missing before it. */
    private long end(
            JobSpec job, int partition, PartitionProgress stored, Bounds log, StateTopic state, SecondLook leaders) {
        String topic = job.input().topic();
        long begin = log.begins().getOrDefault(partition, 0L);
        long end = log.ends().getOrDefault(partition, 0L);
        if (begin > stored.through()) {
            // Another run may have added and removed them meanwhile; then its progress is visible by now.
            long through = leaders.until(
                    found -> begin <= found,
                    () -> TwoStages.of(state.readStable(List.of(partition)), partition)
                            .through());
            throw begin <= through
                    ? new TidemarkException(
                            FailureKind.KAFKA_UNAVAILABLE,
                            topic + "[" + partition + "]: another run added partial totals meanwhile, up to offset "
                                    + through + "; the next attempt reads again")
                    : new TidemarkException(
                            FailureKind.PARTIALS_LOST,
                            topic + "[" + partition + "] begins at offset " + begin + ", but only those before offset "
                                    + through
                                    + " were added to the totals. Did somebody delete records of the topic, or"
                                    + " change its retention? To compute the totals again, give the job a new name and a"
                                    + " new output.topic");
        }
        if (end < stored.through()) {
            Planner.requireLongEnough(catalog, leaders, topic, partition, stored.through());
        }
        return Math.max(end, stored.through());
    }

    /** Fails if the log ends before partial totals that the stage of records has committed: nothing hides them, they are gone. */
    private void requireWritten(JobSpec job, int partition, long needed, SecondLook leaders) {
        String topic = job.input().topic();
        long end = Planner.end(catalog, leaders, topic, partition, needed);
        if (end < needed) {
            throw TwoStages.partialsLost(topic, partition, end, needed, JobNames.recordsStateTopic(job));
        }
    }

    private String hidden(JobSpec job, int partition, long end, long needed) {
        String topic = job.input().topic();
        return topic + "[" + partition + "]: partial totals up to offset " + needed
                + " are committed, but an open transaction hides those from offset " + end
                + heldBack.holder(topic, partition).map(name -> ", of " + name).orElse("")
                + ". This run closes no windows of output partition " + partition
                + ", and publishes no offsets of input partitions that have partial totals there. The next run continues";
    }

    /** Returns before what time all input partitions have closed their windows. */
    private static long announced(Map<Integer, PartitionProgress> records) {
        return records.values().stream()
                .mapToLong(each -> each.windows().closedBefore())
                .min()
                .orElse(Mark.NOTHING_CLOSED);
    }

    private static Optional<PartitionRange> range(
            JobSpec job, int partition, PartitionProgress stored, long end, long announced) {
        long through = stored.through();
        if (job.close() == null) {
            return end == through ? Optional.empty() : Optional.of(new PartitionRange(partition, through, end));
        }
        long closedBefore = stored.windows().closedBefore();
        long target = Math.max(closedBefore, announced);
        boolean closes = target > closedBefore && stored.windows().hasTotalsBefore(target);
        return end == through && !closes
                ? Optional.empty()
                : Optional.of(new PartitionRange(partition, through, end, new Closing(closedBefore, target)));
    }
}
