package io.tidemark.job;

/**
 * Where rows go.
 *
 * @param topic the output topic; a row goes to the partition number that its records came from
 * @param key how the key of a row is made
 * @param grow whether an output topic with fewer partitions than the input is given more of them, instead of refused
 */
public record OutputSpec(String topic, KeyTemplate key, boolean grow) {
    /** Refuses a name that Kafka would not take. */
    public OutputSpec {
        TopicNames.check("output.topic", topic);
        TopicNames.check("output.topic", JobNames.deadLetterTopic(topic));
    }
}
