package io.tidemark.job;

/**
 * Where rows are written.
 *
 * @param topic the output topic; a row goes to the partition number that its records came from, or with {@link
 *     Scope#TOPIC} where Kafka's default partitioner puts its key
 * @param partitions number of partitions of the output, only with {@link Scope#TOPIC}
 * @param key how the key of a row is made
 * @param row the fields of a row
 * @param numbers how aggregates and counts are written in a row
 * @param grow whether the first run adds partitions to an output topic that has fewer than the input; otherwise it refuses
 *     the topic
 * @param shared whether others may write to the topic too; otherwise a first run needs an empty topic
 * @param dataLoss what a run does if the brokers lost rows of the topic
 * @param emit when the row of a window is written
 */
public record OutputSpec(
        String topic,
        int partitions,
        KeyTemplate key,
        RowShape row,
        Numbers numbers,
        boolean grow,
        boolean shared,
        InputSpec.DataLoss dataLoss,
        Emit emit) {
    /** The default of {@code partitions}: a few writers at once, and few rows beside each other are enough for most jobs. */
    public static final int PARTITIONS = 4;

    /** How the numbers of a row are written. */
    public enum Numbers {
        /** As JSON numbers. */
        JSON,
        /** As strings, for readers that would round JSON numbers to doubles. */
        TEXT
    }

    /** When the row of a window is written. */
    public enum Emit {
        /** With each batch that changes it. */
        CHANGES,
        /** Once, when its window closes. */
        FINAL
    }
}
