package io.tidemark.step;

import io.tidemark.check.WrittenTopics;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.kafka.input.InputProblems;
import io.tidemark.kafka.state.GroupOffsets;
import io.tidemark.kafka.state.OffsetPublisher;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.kafka.transaction.TransactionMarkers;
import io.tidemark.run.CommitResult;
import io.tidemark.run.FailureKind;
import io.tidemark.run.StateSize;
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagingArea;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.step.Checkpoints.Point;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step 5, the last: publishes the stored progress of all partitions as the offsets of the job's group. It includes idle
 * partitions, because offsets of a group without members expire one by one, each seven days after its own last commit.
 * A failure here loses nothing: the next run resumes from the state topic.
 *
 * <p>The protected method is overridden by tests that check a weaker protocol.
 */
public class CommitStep {
    private static final Logger LOG = LoggerFactory.getLogger(CommitStep.class);

    private final KafkaClients clients;
    private final StagingArea staging;
    private final Checkpoints checkpoints;

    /** Creates the step. It also deletes the run's folder on this host. */
    public CommitStep(KafkaClients clients, StagingArea staging, Checkpoints checkpoints) {
        this.clients = clients;
        this.staging = staging;
        this.checkpoints = checkpoints;
    }

    /** Publishes the offsets; see {@link io.tidemark.workflow.BatchActivities#commitOffsets}. */
    public CommitResult commit(JobSpec job, String runId, PlanIdentity identity) {
        String inputName = job.input().topic();
        String stateName = JobNames.stateTopic(job);
        Topic input = new TopicCatalog(clients)
                .findExpected(inputName, Right.READ)
                .orElseThrow(() -> new TidemarkException(
                        FailureKind.TOPIC_MISSING,
                        "input topic " + inputName
                                + " was deleted after the run was planned. The run's rows and progress are"
                                + " committed, only the group's offsets are not published"));
        if (!input.id().equals(identity.inputId())) {
            throw InputProblems.recreated(inputName, identity.inputId(), input.id());
        }
        // The run has written to topics by name, so their ids must still be those of the plan.
        Topic state = new WrittenTopics(clients).require(job, identity);
        boolean twoStages = job.stage() == Stage.RECORDS;
        // The input may have more partitions than at the plan. The state topic only grows with the next plan.
        int partitions = Math.min(input.partitions(), state.partitions());
        TransactionMarkers markers = new TransactionMarkers(clients);
        String prefix = JobNames.transactionalIdPrefix(job);
        try (FencingProducer producer = new FencingProducer(clients, JobNames.commitTransactionalId(job), 0)) {
            producer.fence();
            checkpoints.reached(Point.COMMIT_AFTER_FENCE);
            markers.await(prefix);
            Map<Integer, PartitionProgress> progress = new StateTopic(clients, stateName).readStable(partitions);
            Map<Integer, PartitionProgress> totals = twoStages ? totals(job) : Map.of();
            StateSize stateSize = StateSize.of(progress.values()).plus(StateSize.of(totals.values()));
            progress.values().removeIf(each -> !isInRows(each, totals));
            new GroupOffsets(clients).requireEmpty(job);
            producer.transaction(() -> {
                new OffsetPublisher(clients).send(producer, job, runId, progress);
                checkpoints.reached(Point.COMMIT_AFTER_SENDS);
            });
            checkpoints.reached(Point.COMMIT_AFTER_COMMIT);
            // After the run, a read_committed reader must see its rows, state and offsets.
            markers.await(prefix);
            removePartials(job, totals);
            staging.delete(StagedNames.run(job.name(), runId), "");
            return new CommitResult(progress.size(), stateSize);
        }
    }

    /** Returns the progress of the stage of totals; its topics must still be those that it was made with. */
    private Map<Integer, PartitionProgress> totals(JobSpec job) {
        JobSpec ofTotals = job.totals();
        Map<Integer, PartitionProgress> totals = new StateTopic(clients, JobNames.stateTopic(ofTotals))
                .readStable(job.output().partitions());
        totals.values().stream()
                .findFirst()
                .ifPresent(each -> new WrittenTopics(clients).require(ofTotals, each.identity()));
        return totals;
    }

    /**
     * Whether all partial totals that an input partition has written are in rows. Otherwise the group keeps the offset that it has.
     */
    protected boolean isInRows(PartitionProgress records, Map<Integer, PartitionProgress> totals) {
        for (int partition = 0; partition < records.partialsEnd().size(); partition++) {
            PartitionProgress added = totals.get(partition);
            if (added == null || added.through() < records.partialsEnd().get(partition)) {
                return false;
            }
        }
        return true;
    }

    /** Removes partial totals that were added to the totals. If that fails, a later run removes them. */
    private void removePartials(JobSpec job, Map<Integer, PartitionProgress> totals) {
        Map<Integer, Long> added = new TreeMap<>();
        totals.forEach((partition, each) -> added.put(partition, each.through()));
        if (added.isEmpty()) {
            return;
        }
        String topic = JobNames.partialsTopic(job);
        try {
            TopicCatalog catalog = new TopicCatalog(clients);
            Map<Integer, Long> begins = catalog.firstOffsets(topic, added.keySet());
            added.entrySet().removeIf(each -> begins.getOrDefault(each.getKey(), 0L) >= each.getValue());
            if (!added.isEmpty()) {
                catalog.removeBefore(topic, added);
            }
        } catch (TidemarkException e) {
            LOG.atWarn()
                    .addKeyValue("job", job.name())
                    .addKeyValue("topic", topic)
                    .addKeyValue("reason", e.getMessage())
                    .log("partial totals that were added to the totals are not removed; the next run removes them");
        }
    }
}
