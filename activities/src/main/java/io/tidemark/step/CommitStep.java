package io.tidemark.step;

import io.tidemark.check.WrittenTopics;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
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
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagingArea;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.step.Checkpoints.Point;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Step 5, the last: publishes the stored progress of all partitions as the offsets of the job's group. It includes idle
 * partitions, because offsets of a group without members expire one by one, each seven days after its own last commit.
 * A failure here loses nothing: the next run resumes from the state topic.
 */
public final class CommitStep {
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
        // The input may have more partitions than at the plan. The state topic only grows with the next plan.
        int partitions = Math.min(input.partitions(), state.partitions());
        TransactionMarkers markers = new TransactionMarkers(clients);
        String prefix = JobNames.transactionalIdPrefix(job);
        try (FencingProducer producer = new FencingProducer(clients, JobNames.commitTransactionalId(job), 0)) {
            producer.fence();
            checkpoints.reached(Point.COMMIT_AFTER_FENCE);
            markers.await(prefix);
            Map<Integer, PartitionProgress> progress = new StateTopic(clients, stateName)
                    .readStable(IntStream.range(0, partitions).boxed().toList());
            new GroupOffsets(clients).requireEmpty(job);
            producer.transaction(() -> {
                new OffsetPublisher(clients).send(producer, job, runId, progress);
                checkpoints.reached(Point.COMMIT_AFTER_SENDS);
            });
            checkpoints.reached(Point.COMMIT_AFTER_COMMIT);
            // After the run, a read_committed reader must see its rows, state and offsets.
            markers.await(prefix);
            staging.delete(StagedNames.run(job.name(), runId), "");
            return new CommitResult(progress.size());
        }
    }
}
