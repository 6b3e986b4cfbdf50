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
 * Checks that the topics that a job writes are still the ones of the plan. A producer does not check that: it writes to
 * the topic with the given name, and with {@code auto.create.topics.enable} the broker even creates it.
 */
public final class WrittenTopics {
    private final TopicCatalog catalog;

    /** Creates a check of the clients' cluster. */
    public WrittenTopics(KafkaClients clients) {
        this.catalog = new TopicCatalog(clients);
    }

    /**
     * Requires that the topic of the results and the state topic exist with the ids of the plan.
     *
     * @return the state topic
     * @throws TidemarkException TOPIC_MISSING or TOPIC_RECREATED
     */
    public Topic require(JobSpec job, PlanIdentity planned) {
        String output = JobNames.resultTopic(job);
        String state = JobNames.stateTopic(job);
        Map<String, Topic> found = catalog.findExpected(List.of(output, state), Right.DESCRIBE);
        same("output", output, planned.outputId(), found.get(output));
        return same("state", state, planned.stateId(), found.get(state));
    }

    private static Topic same(String what, String name, String plannedId, @Nullable Topic found) {
        if (found == null) {
            throw new TidemarkException(
                    FailureKind.TOPIC_MISSING,
                    what + " topic " + name + " was deleted after the run was planned. To compute the totals again,"
                            + " give the job a new name");
        }
        if (!found.id().equals(plannedId)) {
            throw InputProblems.recreated(name, plannedId, found.id());
        }
        return found;
    }

    /**
     * Returns the failure of the topic check if {@code failure} is KAFKA_UNAVAILABLE or ROWS_LOST and a topic was deleted
     * or created again; otherwise returns {@code failure}.
     */
    public TidemarkException explain(JobSpec job, PlanIdentity planned, TidemarkException failure) {
        if (failure.kind() == FailureKind.KAFKA_UNAVAILABLE || failure.kind() == FailureKind.ROWS_LOST) {
            try {
                require(job, planned);
            } catch (TidemarkException e) {
                if (!e.kind().retryable()) {
                    e.addSuppressed(failure);
                    return e;
                }
                // The cause is unknown, so the original failure stands.
                failure.addSuppressed(e);
            }
        }
        return failure;
    }
}
