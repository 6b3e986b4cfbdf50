package io.tidemark.kafka.client;

/** How input topics are read. */
public enum ReaderKind {
    /** With a {@code KafkaConsumer}, the client's public interface. The reference implementation. */
    CONSUMER,
    /** With fetch requests that use the client's protocol classes. Takes half the time (docs/performance.md). */
    FETCH
}
