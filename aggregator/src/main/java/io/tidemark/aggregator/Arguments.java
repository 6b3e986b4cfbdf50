package io.tidemark.aggregator;

/**
 * The fields of one record, by their place in {@link Aggregator#arguments}, and where the record is. None is absent: with {@code
 * absent: skip} a record that lacks one of the fields is not added; otherwise it is a bad record.
 */
public interface Arguments {
    /** A field of type {@link ArgumentType#NUMBER}; always finite. */
    double number(int i);

    /** A field of type {@link ArgumentType#INTEGER}. */
    long integer(int i);

    /** A field of type {@link ArgumentType#TEXT}. */
    String text(int i);

    /** The record's event time, in milliseconds since 1970. */
    long timeMillis();

    /** The record's partition. */
    int partition();

    /** The record's offset. Time, partition and offset together decide which of two records is the first. */
    long offset();
}
