package io.tidemark.kafka.client;

/** How input topics are read. */
public enum ReaderKind {
    /** With a {@code KafkaConsumer}: the client's public interface, the reference. */
    CONSUMER,
    /** With fetch requests of its own: the client's protocol classes, in half the time (docs/performance.md). */
    FETCH
}
