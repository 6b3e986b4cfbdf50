package io.tidemark.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import org.jspecify.annotations.Nullable;

/**
 * The job, topics and cluster that a plan was made for. Each produce compares it with Kafka, so that work planned for one
 * topic never reaches another topic with the same name.
 *
 * @param fingerprint {@link io.tidemark.job.JobFingerprint#hash} of the job
 * @param generation counts rebuilds of the stored totals; 1 until there is one
 * @param inputId Kafka's id of the input topic
 * @param outputId Kafka's id of the topic that gets the results: the output, or the topic of partial totals
 * @param stateId Kafka's id of the state topic
 * @param clusterId Kafka's id of the cluster that all of them are in; null where the cluster has none, in plans of
 *     workers that did not ask for it, and in stored progress, which is in the cluster itself
 * @param inputs in the stage of totals, the number of input partitions that were registered; otherwise 0
 */
public record PlanIdentity(
        String fingerprint,
        long generation,
        String inputId,
        String outputId,
        String stateId,
        @Nullable String clusterId,
        @JsonInclude(Include.NON_DEFAULT) int inputs) {
    /** Creates the identity as it is stored, without the cluster. */
    public PlanIdentity(String fingerprint, long generation, String inputId, String outputId, String stateId) {
        this(fingerprint, generation, inputId, outputId, stateId, null, 0);
    }

    /** Returns this identity with another number of input partitions. */
    public PlanIdentity withInputs(int registered) {
        return new PlanIdentity(fingerprint, generation, inputId, outputId, stateId, clusterId, registered);
    }
}
