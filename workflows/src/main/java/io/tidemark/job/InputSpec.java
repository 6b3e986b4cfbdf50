package io.tidemark.job;

/**
 * What is read.
 *
 * @param topic the input topic
 * @param timestamp where the event time of a record comes from
 */
public record InputSpec(String topic, TimestampSpec timestamp) {
    /** Refuses a name that Kafka would not take. */
    public InputSpec {
        TopicNames.check("input.topic", topic);
    }
}
