package io.tidemark.check;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.kafka.input.InputProblems;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PlanIdentity;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Are the topics that a job writes still those that the plan has found? A produce would not see the difference: a producer
 * writes to whatever has the name, and with {@code auto.create.topics.enable} even makes it.
 */
public final class WrittenTopics {
    private final TopicCatalog catalog;

    /** Topics in the clients' cluster. */
    public WrittenTopics(KafkaClients clients) {
        this.catalog = new TopicCatalog(clients);
    }

    /**
     * Both the output and the state topic are there, under the plan's ids.
     *
     * @return the state topic
     * @throws TidemarkException TOPIC_MISSING or TOPIC_RECREATED
     */
    public Topic require(JobSpec job, PlanIdentity planned) {
        String output = job.output().topic();
        String state = JobNames.stateTopic(job.name());
        Map<String, Topic> found = catalog.findExpected(List.of(output, state), Right.DESCRIBE);
        same("output", output, planned.outputId(), found.get(output));
        return same("state", state, planned.stateId(), found.get(state));
    }

    private static Topic same(String what, String name, String plannedId, @Nullable Topic found) {
        if (found == null) {
            throw new TidemarkException(
                    FailureKind.TOPIC_MISSING,
                    what + " topic " + name + " was there when the run was planned, and is not any more; restore it, or"
                            + " give the job a new name to start anew");
        }
        if (!found.id().equals(plannedId)) {
            throw InputProblems.recreated(name, plannedId, found.id());
        }
        return found;
    }

    /** The failure of a produce, or why Kafka did not answer it: a topic that is gone. */
    public TidemarkException explain(JobSpec job, PlanIdentity planned, TidemarkException failure) {
        if (failure.kind() == FailureKind.KAFKA_UNAVAILABLE) {
            try {
                require(job, planned);
            } catch (TidemarkException e) {
                if (!e.kind().retryable()) {
                    e.addSuppressed(failure);
                    return e;
                }
                // It may be as the failure says.
                failure.addSuppressed(e);
            }
        }
        return failure;
    }
}
