package io.tidemark.aggregator;

/** How a field of a record is read. A record whose field cannot be read so is a bad record, and reaches no aggregator. */
public enum ArgumentType {
    /** A JSON number as a double: {@link Arguments#number}. */
    NUMBER,
    /** A whole number of 64 bits, as a JSON number or in quotes: {@link Arguments#integer}. */
    INTEGER,
    /**
     * A text, number or boolean as text: {@link Arguments#text}. Equal numbers have the same text, without superfluous zeros, so
     * {@code new BigDecimal(text)} reads a decimal exactly.
     */
    TEXT
}
