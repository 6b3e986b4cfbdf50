package io.tidemark.pipeline;

import io.tidemark.job.BadRecordSpec.Policy;
import io.tidemark.job.JobFingerprint;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.StartSpec;
import io.tidemark.kafka.FencingProducer;
import io.tidemark.kafka.GroupOffsets;
import io.tidemark.kafka.InputProblems;
import io.tidemark.kafka.KafkaClients;
import io.tidemark.kafka.OffsetPublisher;
import io.tidemark.kafka.StateTopic;
import io.tidemark.kafka.TopicCatalog;
import io.tidemark.kafka.TopicCatalog.Topic;
import io.tidemark.pipeline.Checkpoints.Point;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PlanIdentity;
import io.tidemark.run.RunPlan;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.ProgressCodec;
import io.tidemark.state.StateKeys;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Step 1, {@code listPartitions}: what is there to read? Every check that can be made before any effect is made here;
 * the one effect is the registration of partitions that were never seen.
 */
public final class Planner {
    private static final String RETENTION_30_DAYS = String.valueOf(30L * 24 * 3600 * 1000);

    /** Room for the list of windows of a partition that has had a new one every few minutes for years. */
    private static final int STATE_MESSAGE_BYTES = 8 * 1024 * 1024;

    private final KafkaClients clients;
    private final TopicCatalog catalog;
    private final GroupOffsets groups;
    private final Checkpoints checkpoints;

    /** A planner over the clients' cluster. */
    public Planner(KafkaClients clients, Checkpoints checkpoints) {
        this.clients = clients;
        this.catalog = new TopicCatalog(clients);
        this.groups = new GroupOffsets(clients);
        this.checkpoints = checkpoints;
    }

    /**
     * Plans a run.
     *
     * @param runId names the run in what a registration publishes
     * @throws TidemarkException where the job as a whole cannot run
     */
    public RunPlan plan(JobSpec job, String runId) {
        Topic input = catalog.find(job.input().topic())
                .orElseThrow(() -> new TidemarkException(
                        FailureKind.TOPIC_MISSING,
                        "input topic " + job.input().topic() + " does not exist in the cluster at "
                                + clients.bootstrapServers()));
        groups.requireEmpty(job);
        Map<Integer, GroupOffsets.Committed> published =
                groups.read(JobNames.group(job.name()), input.name(), input.partitions());
        boolean known = published.values().stream().anyMatch(GroupOffsets.Committed::ours);
        List<String> warnings = new ArrayList<>();
        Topic existing = catalog.find(JobNames.stateTopic(job.name())).orElse(null);
        StateTopic stateTopic = new StateTopic(clients, JobNames.stateTopic(job.name()));
        Map<Integer, PartitionProgress> progress = new TreeMap<>();
        if (existing != null) {
            progress.putAll(
                    stateTopic.readStable(IntStream.range(0, Math.min(existing.partitions(), input.partitions()))
                            .boxed()
                            .toList()));
            // Before any topic is created or grown: they may be those of another meaning.
            progress.forEach((partition, each) -> IdentityCheck.requireSameMeaning(job, partition, each));
        }
        Topics topics = topics(job, input, existing, known, warnings);
        List<Integer> partitions =
                IntStream.range(0, input.partitions()).boxed().toList();
        JobFingerprint fingerprint = JobFingerprint.of(job);
        PlanIdentity identity = new PlanIdentity(
                fingerprint.hash(),
                progress.values().stream()
                        .mapToLong(each -> each.identity().generation())
                        .max()
                        .orElse(1),
                input.id(),
                topics.output().id(),
                topics.state().id());
        for (Map.Entry<Integer, PartitionProgress> each : progress.entrySet()) {
            IdentityCheck.check(job, identity, each.getKey(), each.getValue());
        }
        requirePublishedByUs(job, progress, published);

        Map<Integer, Long> begins = catalog.firstOffsets(input.name(), partitions);
        Map<Integer, Long> ends = catalog.lastStableOffsets(input.name(), partitions);
        if (progress.size() < partitions.size()) {
            register(job, runId, identity, fingerprint, stateTopic, progress, published, begins, ends);
        }
        return ranges(job, identity, input, progress, begins, ends, warnings);
    }

    private record Topics(Topic output, Topic state) {}

    private Topics topics(JobSpec job, Topic input, @Nullable Topic state, boolean known, List<String> warnings) {
        String outputName = job.output().topic();
        String stateName = JobNames.stateTopic(job.name());
        boolean first = state == null;
        if (first && known) {
            throw new TidemarkException(
                    FailureKind.STATE_LOST,
                    "group " + JobNames.group(job.name()) + " has offsets of this job, and its state topic " + stateName
                            + " does not exist: the running totals are lost. Restore the topic, or give the job a new"
                            + " name to start anew");
        }
        Topic output = catalog.find(outputName).orElse(null);
        if (output == null) {
            if (!first) {
                throw new TidemarkException(
                        FailureKind.TOPIC_MISSING,
                        "output topic " + outputName + " does not exist, and the job has written to it before; restore"
                                + " it, or give the job a new name to start anew");
            }
            output = catalog.create(outputName, input.partitions(), Map.of("cleanup.policy", "compact"));
        } else {
            catalog.setting(outputName, "cleanup.policy")
                    .filter(policy -> !policy.equals("compact"))
                    .ifPresent(policy -> warnings.add("output topic " + outputName + " has cleanup.policy=" + policy
                            + ": a row that is not corrected for long may vanish; compact keeps the last of each key"));
        }
        if (output.partitions() < input.partitions()) {
            if (!job.output().grow()) {
                throw new TidemarkException(
                        FailureKind.TOO_FEW_PARTITIONS,
                        "output topic " + outputName + " has " + output.partitions() + " partitions and input topic "
                                + input.name() + " has " + input.partitions() + "; rows go to the partition number of"
                                + " their records: give it more partitions, or write output.grow: true");
            }
            output = catalog.grow(outputName, input.partitions());
        }
        if (job.badRecords().policy() == Policy.DEAD_LETTER) {
            deadLetters(job, input);
        }
        Topic stateTopic = state != null
                ? state
                : catalog.create(
                        stateName,
                        input.partitions(),
                        Map.of(
                                "cleanup.policy",
                                "compact",
                                "min.compaction.lag.ms",
                                RETENTION_30_DAYS,
                                "max.message.bytes",
                                String.valueOf(STATE_MESSAGE_BYTES)));
        if (stateTopic.partitions() < input.partitions()) {
            stateTopic = catalog.grow(stateName, input.partitions());
        }
        return new Topics(output, stateTopic);
    }

    private void deadLetters(JobSpec job, Topic input) {
        String name = JobNames.deadLetterTopic(job.output().topic());
        Topic found = catalog.find(name).orElse(null);
        if (found == null) {
            // A dead letter is its record and some headers: what fits into the input must fit here.
            long bytes = catalog.setting(input.name(), "max.message.bytes")
                            .map(Long::parseLong)
                            .orElse(1_048_588L)
                    + 65_536;
            catalog.create(
                    name,
                    input.partitions(),
                    Map.of(
                            "cleanup.policy",
                            "delete",
                            "retention.ms",
                            RETENTION_30_DAYS,
                            "max.message.bytes",
                            String.valueOf(bytes)));
        } else if (found.partitions() < input.partitions()) {
            catalog.grow(name, input.partitions());
        }
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
            String runId,
            PlanIdentity identity,
            JobFingerprint fingerprint,
            StateTopic stateTopic,
            Map<Integer, PartitionProgress> progress,
            Map<Integer, GroupOffsets.Committed> published,
            Map<Integer, Long> begins,
            Map<Integer, Long> ends) {
        List<Integer> missing = begins.keySet().stream()
                .filter(partition -> !progress.containsKey(partition))
                .toList();
        checkpoints.reached(Point.PLAN_BEFORE_REGISTRATION);
        try (FencingProducer producer = new FencingProducer(clients, JobNames.planTransactionalId(job.name()))) {
            producer.fence();
            // Only now is it certain that no older plan can still register: look again.
            progress.putAll(stateTopic.readToHighWatermark(missing));
            // And only now is a registration that the group shows sure to be in the state: a commit's markers are
            // written one by one, and the fence waits for all of them.
            requireStateOfPublished(job, progress, published);
            // A partition that joins a job later is read whole, whatever the job's first run began with.
            StartSpec start = progress.isEmpty() ? job.start() : new StartSpec.Earliest();
            Map<Integer, Long> starts = starts(
                    job,
                    start,
                    missing.stream()
                            .filter(partition -> !progress.containsKey(partition))
                            .toList(),
                    published,
                    begins,
                    ends);
            Map<Integer, PartitionProgress> registered = new TreeMap<>();
            starts.forEach((partition, offset) -> registered.put(
                    partition,
                    PartitionProgress.registered(identity, fingerprint.meaning(), job.partitionsPerSlice(), offset)));
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
            progress.putAll(registered);
        }
        checkpoints.reached(Point.PLAN_AFTER_REGISTRATION);
        for (int partition : missing) {
            PartitionProgress each = progress.get(partition);
            if (each != null) {
                IdentityCheck.check(job, identity, partition, each);
            }
        }
    }

    private Map<Integer, Long> starts(
            JobSpec job,
            StartSpec start,
            Collection<Integer> partitions,
            Map<Integer, GroupOffsets.Committed> published,
            Map<Integer, Long> begins,
            Map<Integer, Long> ends) {
        Map<Integer, Long> starts = new TreeMap<>();
        if (start instanceof StartSpec.Earliest) {
            partitions.forEach(partition -> starts.put(partition, begins.getOrDefault(partition, 0L)));
        } else if (start instanceof StartSpec.Latest) {
            partitions.forEach(partition -> starts.put(partition, ends.getOrDefault(partition, 0L)));
        } else if (start instanceof StartSpec.At time) {
            Map<Integer, Long> found = catalog.offsetsAt(job.input().topic(), partitions, time.at());
            partitions.forEach(partition ->
                    starts.put(partition, found.getOrDefault(partition, ends.getOrDefault(partition, 0L))));
        } else if (start instanceof StartSpec.GroupOffsets named) {
            Map<Integer, GroupOffsets.Committed> offsets = named.group().equals(JobNames.group(job.name()))
                    ? published
                    : groups.readStable(
                            named.group(),
                            job.input().topic(),
                            partitions.stream().mapToInt(each -> each).max().orElse(-1) + 1);
            // Not the last stable offsets: who reads uncommitted may have committed an offset beyond one.
            Map<Integer, Long> logEnds = catalog.highWatermarks(job.input().topic(), partitions);
            for (int partition : partitions) {
                GroupOffsets.Committed committed = offsets.get(partition);
                if (committed == null) {
                    throw new TidemarkException(
                            FailureKind.INVALID_JOB,
                            "start: group " + named.group() + " has no offset for "
                                    + job.input().topic() + "["
                                    + partition + "]; commit one for every partition, or start at earliest, latest or"
                                    + " a time");
                }
                requireInLog(
                        job,
                        named.group(),
                        partition,
                        committed.offset(),
                        begins.getOrDefault(partition, 0L),
                        logEnds.getOrDefault(partition, 0L));
                starts.put(partition, committed.offset());
            }
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

    private RunPlan ranges(
            JobSpec job,
            PlanIdentity identity,
            Topic input,
            Map<Integer, PartitionProgress> progress,
            Map<Integer, Long> begins,
            Map<Integer, Long> ends,
            List<String> warnings) {
        List<PartitionRange> ranges = new ArrayList<>();
        List<PartitionProblem> problems = new ArrayList<>();
        long left = 0;
        for (int partition = 0; partition < input.partitions(); partition++) {
            PartitionProgress stored = progress.get(partition);
            long begin = begins.getOrDefault(partition, 0L);
            long end = ends.getOrDefault(partition, 0L);
            if (stored == null) {
                throw new IllegalStateException("partition " + partition + " was just registered and has no progress");
            }
            long through = stored.through();
            try {
                if (begin > through) {
                    throw InputProblems.retentionGap(input.name(), partition, through, begin);
                }
                if (end < through) {
                    requireNotTruncated(input.name(), partition, through);
                } else if (end > through) {
                    long to = end - through > job.limits().offsetsPerRun()
                            ? through + job.limits().offsetsPerRun()
                            : end;
                    ranges.add(new PartitionRange(partition, through, to));
                    left += end - to;
                }
            } catch (TidemarkException e) {
                problems.add(new PartitionProblem(partition, e.kind(), String.valueOf(e.getMessage())));
            }
        }
        return new RunPlan(identity, input.partitions(), ranges, problems, left, warnings);
    }

    private void requireNotTruncated(String topic, int partition, long through) {
        long end = catalog.highWatermarks(topic, List.of(partition)).getOrDefault(partition, 0L);
        if (end < through) {
            throw InputProblems.truncated(topic, partition, through, end);
        }
    }
}
