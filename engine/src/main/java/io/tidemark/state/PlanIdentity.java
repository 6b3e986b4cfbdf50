package io.tidemark.state;

import org.jspecify.annotations.Nullable;

/**
 * What a plan was made against. Each produce compares it with what it finds in Kafka, so that work planned for one topic
 * never reaches another of the same name.
 *
 * @param fingerprint {@link io.tidemark.job.JobFingerprint#hash} of the job
 * @param generation counts rebuilds of the stored totals; 1 until there is one
 * @param inputId Kafka's id of the input topic
 * @param outputId Kafka's id of the output topic
 * @param stateId Kafka's id of the state topic
 * @param clusterId Kafka's id of the cluster that all of them are in; null where the cluster has none, in plans of
 *     workers that did not ask for it, and in stored progress, which is in the cluster itself
 */
public record PlanIdentity(
        String fingerprint,
        long generation,
        String inputId,
        String outputId,
        String stateId,
        @Nullable String clusterId) {
    /** As it is stored. */
    public PlanIdentity(String fingerprint, long generation, String inputId, String outputId, String stateId) {
        this(fingerprint, generation, inputId, outputId, stateId, null);
    }
}
