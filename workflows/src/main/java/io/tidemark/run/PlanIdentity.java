package io.tidemark.run;

/**
 * What a plan was made against. Each produce compares it with what it finds in Kafka, so that work planned for one topic
 * never reaches another of the same name.
 *
 * @param fingerprint {@link io.tidemark.job.JobFingerprint#hash} of the job
 * @param generation counts rebuilds of the stored totals; 1 until there is one
 * @param inputId Kafka's id of the input topic
 * @param outputId Kafka's id of the output topic
 * @param stateId Kafka's id of the state topic
 */
public record PlanIdentity(String fingerprint, long generation, String inputId, String outputId, String stateId) {}
