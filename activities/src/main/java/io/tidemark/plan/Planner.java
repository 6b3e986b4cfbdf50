package io.tidemark.plan;

import io.tidemark.check.IdentityCheck;
import io.tidemark.check.Retention;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.SliceAdvice;
import io.tidemark.job.StartSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.client.SecondLook;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.kafka.input.InputProblems;
import io.tidemark.kafka.input.TruncationCheck;
import io.tidemark.kafka.state.GroupOffsets;
import io.tidemark.kafka.state.OffsetPublisher;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.kafka.transaction.TransactionMarkers;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.run.RunSummary;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.ProgressCodec;
import io.tidemark.state.StateKeys;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Step 1, {@code listPartitions}: what is there to read? Every check that can be made before any effect is made here;
 * the one effect is the registration of partitions that were never seen.
 */
public final class Planner {
    private final KafkaClients clients;
    private final TopicCatalog catalog;
    private final GroupOffsets groups;
    private final HeldBack heldBack;
    private final TruncationCheck truncation;
    private final Checkpoints checkpoints;

    /** A planner over the clients' cluster. */
    public Planner(KafkaClients clients, Checkpoints checkpoints) {
        this.clients = clients;
        this.catalog = new TopicCatalog(clients);
        this.groups = new GroupOffsets(clients);
        this.heldBack =
                new HeldBack(clients, Clock.systemUTC(), clients.patience().openTransaction());
        this.truncation = new TruncationCheck(clients);
        this.checkpoints = checkpoints;
    }

    /**
     * Plans a run.
     *
     * @param runId names the run in what a registration publishes
     * @throws TidemarkException where the job as a whole cannot run; nothing was created, grown or registered then
     */
    public RunPlan plan(JobSpec job, String runId) {
        Topic input = catalog.findExpected(job.input().topic(), Right.READ)
                .orElseThrow(() -> new TidemarkException(
                        FailureKind.TOPIC_MISSING,
                        "input topic " + job.input().topic() + " does not exist in the cluster at "
                                + clients.bootstrapServers()));
        groups.requireEmpty(job);
        // Before the state: what is published is never ahead of what is stored, whoever commits in between.
        Map<Integer, GroupOffsets.Committed> published =
                groups.read(JobNames.group(job.name()), input.name(), input.partitions());
        StateTopic stateTopic = new StateTopic(clients, JobNames.stateTopic(job.name()));
        IdentityCheck check = new IdentityCheck(job);
        Topic state = catalog.find(JobNames.stateTopic(job.name()), Right.READ, Right.WRITE)
                .orElse(null);
        Map<Integer, PartitionProgress> progress = new TreeMap<>();
        SecondLook leaders = SecondLook.atLeaders(clients);
        if (state != null) {
            Map<Integer, Long> told = new TreeMap<>();
            published.forEach((partition, committed) -> {
                if (committed.ours()) {
                    told.put(partition, committed.offset());
                }
            });
            List<Integer> stored = partitions(Math.min(state.partitions(), input.partitions()));
            progress.putAll(
                    leaders.until(read -> PartitionProgress.reaches(read, told), () -> stateTopic.readStable(stored)));
            // Before any other topic is looked at: it may be that of another meaning.
            progress.forEach(check::requireSameMeaning);
        }
        JobTopics topics = JobTopics.find(
                catalog, job, input, state, published.values().stream().anyMatch(GroupOffsets.Committed::ours));
        List<String> warnings = new ArrayList<>(topics.warnings());
        Topic output = topics.output();
        if (output != null) {
            warnings.addAll(new OtherWriters(clients).warnings(job, output));
            warnings.addAll(heldBack.inOutput(output));
        }
        if (state != null && output != null) {
            PlanIdentity stored = identity(check, input, output, state, progress);
            progress.forEach((partition, each) -> check.requireSameTopics(stored, partition, each));
        }
        requirePublishedByUs(job, progress, published);
        List<Integer> partitions = partitions(input.partitions());
        HeldBack.Look look = heldBack.look(job, partitions);
        warnings.addAll(look.warnings());
        TopicCatalog.Bounds log = look.log();
        Map<Integer, Long> begins = log.begins();
        Map<Integer, Long> ends = log.ends();
        boolean complete = starts(job, progress, published, begins, ends).isEmpty();
        if (progress.isEmpty()) {
            advise(job, input).ifPresent(warnings::add);
        }

        // All checks are passed; from here on there are effects.
        JobTopics.Ready ready = topics.makeReady();
        PlanIdentity identity = identity(check, input, ready.output(), ready.state(), progress);
        if (!complete) {
            register(job, check, runId, identity, stateTopic, progress, published, begins, ends);
        }
        return new RunShare(clients)
                .cut(job, all(job, identity, input, progress, begins, ends, warnings, leaders), progress)
                .withHeldBack(look.offsets());
    }

    private static List<Integer> partitions(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private PlanIdentity identity(
            IdentityCheck check, Topic input, Topic output, Topic state, Map<Integer, PartitionProgress> progress) {
        return new PlanIdentity(
                check.fingerprint().hash(),
                progress.values().stream()
                        .mapToLong(each -> each.identity().generation())
                        .max()
                        .orElse(1),
                input.id(),
                output.id(),
                state.id(),
                clients.clusterId());
    }

    /** Only on the first run: later the value is part of what the totals mean, and advice would come too late. */
    private static Optional<String> advise(JobSpec job, Topic input) {
        return SliceAdvice.partitionsPerSlice(job, input.partitions())
                .map(advised -> SliceAdvice.reason(job, input.partitions(), advised)
                        + ". It cannot be changed after a job's first run, which this is: give the job a new name and"
                        + " that value, if you want it");
    }

    /** A reset of the group's offsets is a wish that a job with running totals cannot fulfil by reading again. */
    private static void requirePublishedByUs(
            JobSpec job, Map<Integer, PartitionProgress> progress, Map<Integer, GroupOffsets.Committed> published) {
        published.forEach((partition, committed) -> {
            PartitionProgress stored = progress.get(partition);
            if (stored != null && committed.ours() && committed.offset() > stored.through()) {
                throw new TidemarkException(
                        FailureKind.STATE_LOST,
                        "group " + JobNames.group(job.name()) + " says that "
                                + job.input().topic() + "[" + partition
                                + "] was read to offset " + committed.offset() + ", and the state topic says "
                                + stored.through() + ": it was put back to an earlier state. Restore its newest state,"
                                + " or give the job a new name to start anew");
            }
            if (stored != null && !committed.ours()) {
                throw new TidemarkException(
                        FailureKind.GROUP_OFFSETS_MOVED,
                        "the offset of group " + JobNames.group(job.name()) + " for "
                                + job.input().topic() + "["
                                + partition + "] was set to " + committed.offset()
                                + " from outside; the totals are made"
                                + " up to " + stored.through() + ". Reading again would count twice, so nothing was"
                                + " read. To go on where the totals are, delete the group's offsets"
                                + " (kafka-consumer-groups.sh --delete-offsets --group " + JobNames.group(job.name())
                                + " --topic " + job.input().topic()
                                + ") and run again; to compute anew, give the job a new name");
            }
        });
    }

    /** A group that bears our mark where there is no progress: the totals that it speaks of are gone. */
    private static void requireStateOfPublished(
            JobSpec job, Map<Integer, PartitionProgress> progress, Map<Integer, GroupOffsets.Committed> published) {
        published.forEach((partition, committed) -> {
            if (committed.ours() && !progress.containsKey(partition)) {
                throw new TidemarkException(
                        FailureKind.STATE_LOST,
                        "group " + JobNames.group(job.name()) + " says that "
                                + job.input().topic() + "[" + partition
                                + "] was read to offset " + committed.offset() + ", and the state topic "
                                + JobNames.stateTopic(job.name()) + " has no progress of it: the running totals are"
                                + " lost. Restore the topic, or give the job a new name to start anew");
            }
        });
    }

    private void register(
            JobSpec job,
            IdentityCheck check,
            String runId,
            PlanIdentity identity,
            StateTopic stateTopic,
            Map<Integer, PartitionProgress> progress,
            Map<Integer, GroupOffsets.Committed> published,
            Map<Integer, Long> begins,
            Map<Integer, Long> ends) {
        checkpoints.reached(Point.PLAN_BEFORE_REGISTRATION);
        try (FencingProducer producer =
                new FencingProducer(clients, JobNames.planTransactionalId(job.name()), begins.size())) {
            producer.fence();
            // Only now is it certain that no older plan can still register: look again.
            List<Integer> missing = begins.keySet().stream()
                    .filter(partition -> !progress.containsKey(partition))
                    .toList();
            Map<Integer, PartitionProgress> meanwhile = stateTopic.readAfterFence(producer, missing);
            meanwhile.forEach((partition, each) -> check.require(identity, partition, each));
            progress.putAll(meanwhile);
            // And only now is a registration that the group shows sure to be in the state: a commit's markers are
            // written one by one, and the fence waits for all of them.
            requireStateOfPublished(job, progress, published);
            Map<Integer, PartitionProgress> registered = new TreeMap<>();
            starts(job, progress, published, begins, ends)
                    .forEach((partition, offset) -> registered.put(
                            partition,
                            PartitionProgress.registered(
                                    identity, check.fingerprint().meaning(), job.partitionsPerSlice(), offset)));
            if (registered.isEmpty()) {
                return;
            }
            producer.begin();
            registered.forEach((partition, each) -> producer.send(
                    JobNames.stateTopic(job.name()),
                    partition,
                    StateKeys.progress(),
                    ProgressCodec.encode(each),
                    Map.of()));
            producer.flush();
            // From here on the group bears our mark, so a state topic that vanishes is noticed.
            new OffsetPublisher(clients).send(producer, job, runId, registered);
            checkpoints.reached(Point.PLAN_IN_REGISTRATION);
            producer.commit();
            // The steps go by how long the state topic is, and the marker is a part of that.
            new TransactionMarkers(clients).await(JobNames.planTransactionalId(job.name()));
            progress.putAll(registered);
        }
        checkpoints.reached(Point.PLAN_AFTER_REGISTRATION);
    }

    /** Where partitions that have no progress yet begin. */
    private Map<Integer, Long> starts(
            JobSpec job,
            Map<Integer, PartitionProgress> progress,
            Map<Integer, GroupOffsets.Committed> published,
            Map<Integer, Long> begins,
            Map<Integer, Long> ends) {
        List<Integer> missing = begins.keySet().stream()
                .filter(partition -> !progress.containsKey(partition))
                .toList();
        // A partition that joins a job later is read whole, whatever the job's first run began with.
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

    /** For each partition its offset, else the other one, else 0. */
    private static Map<Integer, Long> starts(
            List<Integer> partitions, Map<Integer, Long> offsets, Map<Integer, Long> others) {
        Map<Integer, Long> starts = new TreeMap<>();
        partitions.forEach(partition ->
                starts.put(partition, offsets.getOrDefault(partition, others.getOrDefault(partition, 0L))));
        return starts;
    }

    /** The offsets that a consumer group has committed. */
    private Map<Integer, Long> startsOfGroup(
            JobSpec job,
            String group,
            List<Integer> missing,
            Map<Integer, GroupOffsets.Committed> published,
            Map<Integer, Long> begins) {
        Map<Integer, GroupOffsets.Committed> offsets = group.equals(JobNames.group(job.name()))
                ? published
                : groups.readStable(group, job.input().topic(), begins.size());
        // Not the last stable offsets: who reads uncommitted may have committed an offset beyond one.
        Map<Integer, Long> logEnds = catalog.highWatermarks(job.input().topic(), missing);
        Map<Integer, Long> starts = new TreeMap<>();
        for (int partition : missing) {
            GroupOffsets.Committed committed = offsets.get(partition);
            if (committed == null) {
                throw new TidemarkException(
                        FailureKind.INVALID_JOB,
                        "start: group " + group + " has no offset for "
                                + job.input().topic() + "["
                                + partition + "]; commit one for every partition, or start at earliest, latest or"
                                + " a time");
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

    /** A registered start stays for good, so one that no run could begin at must not become one. */
    private static void requireInLog(JobSpec job, String group, int partition, long offset, long begin, long end) {
        if (offset < begin || offset > end) {
            throw new TidemarkException(
                    FailureKind.INVALID_JOB,
                    "start: group " + group + " is at offset " + offset + " of "
                            + job.input().topic() + "["
                            + partition + "], and the log has " + begin + " to " + end
                            + "; move the group's offset, or start at earliest, latest or a time");
        }
    }

    /** Everything that is new. */
    private RunPlan all(
            JobSpec job,
            PlanIdentity identity,
            Topic input,
            Map<Integer, PartitionProgress> progress,
            Map<Integer, Long> begins,
            Map<Integer, Long> ends,
            List<String> warnings,
            SecondLook leaders) {
        List<PartitionRange> ranges = new ArrayList<>();
        List<PartitionProblem> problems = new ArrayList<>();
        Retention retention = new Retention(catalog, job, Instant.now());
        Map<Integer, PartitionProgress> suspects = new TreeMap<>(progress);
        // What retention removed is a gap, and told as one.
        suspects.entrySet().removeIf(each -> each.getValue().through() < begins.getOrDefault(each.getKey(), 0L));
        Map<Integer, TidemarkException> truncated = leaders.until(Map::isEmpty, () -> {
            Map<Integer, TidemarkException> found = truncation.problems(input.name(), suspects);
            suspects.keySet().retainAll(found.keySet());
            return found;
        });
        for (int partition = 0; partition < input.partitions(); partition++) {
            PartitionProgress stored = progress.get(partition);
            long begin = begins.getOrDefault(partition, 0L);
            long end = ends.getOrDefault(partition, 0L);
            if (stored == null) {
                throw new IllegalStateException("partition " + partition + " was just registered and has no progress");
            }
            long through = stored.through();
            try {
                retention.look(partition, stored, begin, end);
                // Offsets that are gone are part of the range: they too are accounted for.
                long to = Math.max(begin, end);
                if (to < through) {
                    requireLongEnough(leaders, input.name(), partition, through);
                }
                TidemarkException problem = truncated.get(partition);
                if (problem != null) {
                    throw problem;
                } else if (to > through) {
                    ranges.add(new PartitionRange(partition, through, to));
                }
            } catch (TidemarkException e) {
                problems.add(new PartitionProblem(partition, e.kind(), String.valueOf(e.getMessage())));
            }
        }
        warnings.addAll(retention.warnings());
        int named = Math.min(problems.size(), RunSummary.MAX_DETAILS);
        return new RunPlan(
                identity,
                input.partitions(),
                ranges,
                problems.subList(0, named),
                0,
                0,
                null,
                warnings,
                0,
                problems.size() - named);
    }

    private void requireLongEnough(SecondLook leaders, String topic, int partition, long through) {
        long end = leaders.until(
                each -> each >= through,
                () -> catalog.highWatermarks(topic, List.of(partition)).getOrDefault(partition, 0L));
        if (end < through) {
            throw InputProblems.truncated(topic, partition, through, end);
        }
    }
}
