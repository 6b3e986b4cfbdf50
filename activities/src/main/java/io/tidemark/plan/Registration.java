package io.tidemark.plan;

import io.tidemark.check.IdentityCheck;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.kafka.state.OffsetPublisher;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.kafka.transaction.TransactionMarkers;
import io.tidemark.plan.Planner.Survey;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.ProgressCodec;
import io.tidemark.state.StateKeys;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Writes the first progress of input partitions. Fence, read and write form a compare-and-set. */
final class Registration {
    private final KafkaClients clients;
    private final StartOffsets startOffsets;
    private final Checkpoints checkpoints;
    private final Producers producers;

    /** Makes the producer of a registration; a test of a weaker protocol makes another one. */
    @FunctionalInterface
    interface Producers {
        FencingProducer make(KafkaClients clients, String transactionalId, int partitions);
    }

    Registration(KafkaClients clients, StartOffsets startOffsets, Checkpoints checkpoints, Producers producers) {
        this.clients = clients;
        this.startOffsets = startOffsets;
        this.checkpoints = checkpoints;
        this.producers = producers;
    }

    /**
     * Registers all partitions without progress, and adds them to {@link Survey#progress}. If the job has two stages, it writes
     * the new number of input partitions into the progress of each output partition, in the same transaction.
     */
    void register(Survey survey, String runId, PlanIdentity identity, JobTopics.Ready topics) {
        JobSpec job = survey.job();
        Map<Integer, PartitionProgress> progress = survey.progress();
        Map<Integer, Long> begins = survey.look().log().begins();
        checkpoints.reached(Point.PLAN_BEFORE_REGISTRATION);
        try (FencingProducer producer = producers.make(
                clients,
                JobNames.planTransactionalId(job),
                begins.size() + (job.stage() == Stage.RECORDS ? job.output().partitions() : 0))) {
            producer.fence();
            // Read again: only after the fence no older plan can still register a partition.
            List<Integer> missing = begins.keySet().stream()
                    .filter(partition -> !progress.containsKey(partition))
                    .toList();
            Map<Integer, PartitionProgress> stored =
                    job.stage() == Stage.RECORDS ? readTotals(job, producer) : Map.of();
            // A plan may know fewer input partitions than one that has registered more of them meanwhile.
            int inputs = stored.values().stream()
                    .mapToInt(each -> Math.min(begins.size(), each.identity().inputs()))
                    .max()
                    .orElse(0);
            Map<Integer, PartitionProgress> meanwhile = survey.leaders()
                    .until(
                            found -> progress.size() + found.size() >= inputs,
                            () -> survey.stateTopic().readAfterFence(producer, missing));
            meanwhile.forEach((partition, each) -> survey.check().require(identity, partition, each));
            progress.putAll(meanwhile);
            // Only after the fence: markers of a commit are written one by one, and the fence waits for all of them.
            // Before it, the group may show an offset whose progress record is not visible yet.
            GroupAgreement.requireStateOfPublished(job, progress, survey.published());
            requireAllRegistered(job, progress.size(), inputs);
            Map<Integer, Long> starts = startOffsets.of(
                    job,
                    progress,
                    survey.published(),
                    begins,
                    survey.look().log().ends());
            if (starts.isEmpty()) {
                return;
            }
            Map<Integer, PartitionProgress> totals =
                    job.stage() == Stage.RECORDS ? totals(survey, topics, identity, stored) : Map.of();
            Map<Integer, PartitionProgress> registered = registered(survey, identity, starts, totals.values());
            checkpoints.reached(Point.PLAN_BEFORE_SENDS);
            producer.transaction(() -> {
                send(producer, survey.stateTopic(), registered);
                if (!totals.isEmpty()) {
                    send(producer, new StateTopic(clients, JobNames.stateTopic(job.totals())), totals);
                }
                producer.flush();
                // From the first run on, the group's offsets reveal a missing state topic.
                new OffsetPublisher(clients).send(producer, job, runId, registered);
                checkpoints.reached(Point.PLAN_IN_REGISTRATION);
            });
            // The steps compare the end of the state topic, which includes the marker.
            new TransactionMarkers(clients).await(JobNames.planTransactionalId(job));
            progress.putAll(registered);
        }
        checkpoints.reached(Point.PLAN_AFTER_REGISTRATION);
    }

    private Map<Integer, PartitionProgress> readTotals(JobSpec job, FencingProducer producer) {
        return new StateTopic(clients, JobNames.stateTopic(job.totals()))
                .readAfterFence(producer, Planner.partitions(job.output().partitions()));
    }

    /** Fails if the totals have records of input partitions whose progress is gone: they would be added again. */
    private static void requireAllRegistered(JobSpec job, int found, int inputs) {
        if (found < inputs) {
            throw new TidemarkException(
                    FailureKind.STATE_LOST,
                    JobNames.stateTopic(job.totals()) + " says that " + inputs
                            + " input partitions are registered, but " + JobNames.stateTopic(job) + " has progress of "
                            + found + ": the state topic has lost records. To compute the totals again, give the job a"
                            + " new name and a new output.topic");
        }
    }

    private static void send(FencingProducer producer, StateTopic topic, Map<Integer, PartitionProgress> progress) {
        progress.forEach((partition, each) ->
                producer.send(topic.name(), partition, StateKeys.progress(), ProgressCodec.encode(each), Map.of()));
    }

    /** Returns the progress of the stage of totals with the new number of input partitions. */
    private Map<Integer, PartitionProgress> totals(
            Survey survey, JobTopics.Ready topics, PlanIdentity identity, Map<Integer, PartitionProgress> stored) {
        JobSpec job = survey.job().totals();
        Topic partials = Objects.requireNonNull(topics.partials());
        Topic state = Objects.requireNonNull(topics.totals());
        IdentityCheck check = new IdentityCheck(job);
        PlanIdentity ofTotals = new PlanIdentity(
                check.fingerprint().hash(),
                identity.generation(),
                partials.id(),
                topics.output().id(),
                state.id(),
                identity.clusterId(),
                survey.input().partitions());
        List<Integer> all = Planner.partitions(job.output().partitions());
        stored.forEach((partition, each) -> check.require(ofTotals, partition, each));
        // Nothing of this job is in the topic before its registration.
        Map<Integer, Long> ends =
                stored.isEmpty() ? new TopicCatalog(clients).highWatermarks(partials.name(), all) : Map.of();
        Map<Integer, PartitionProgress> next = new TreeMap<>();
        for (int partition : all) {
            PartitionProgress before = stored.get(partition);
            if (before == null && !stored.isEmpty()) {
                throw TwoStages.totalsLost(job, partition);
            }
            next.put(
                    partition,
                    before == null
                            ? PartitionProgress.registered(
                                    ofTotals, check.fingerprint().meaning(), 1, ends.getOrDefault(partition, 0L))
                            : before.withInputs(ofTotals.inputs()));
        }
        return next;
    }

    /**
     * Returns the first progress of partitions.
     *
     * @param totals the progress of all output partitions if the job has two stages. A window that is closed in one of them stays
     *     closed: records of it in the new input partitions are late
     */
    static Map<Integer, PartitionProgress> registered(
            Survey survey, PlanIdentity identity, Map<Integer, Long> starts, Collection<PartitionProgress> totals) {
        JobSpec job = survey.job();
        long closedBefore = totals.stream()
                .mapToLong(each -> each.windows().closedBefore())
                .max()
                .orElse(Mark.NOTHING_CLOSED);
        Map<Integer, PartitionProgress> registered = new TreeMap<>();
        starts.forEach((partition, offset) -> {
            PartitionProgress first = PartitionProgress.registered(
                    identity, survey.check().fingerprint().meaning(), job.partitionsPerSlice(), offset);
            registered.put(
                    partition,
                    job.stage() == Stage.RECORDS
                            ? first.writing(Collections.nCopies(job.output().partitions(), 0L), closedBefore)
                            : first);
        });
        return registered;
    }
}
