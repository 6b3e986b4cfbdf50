package io.tidemark.run;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * Offsets of one partition, {@code from} included, {@code to} not. In JSON {@code [partition, from, to]}: a plan may
 * hold thousands.
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"partition", "from", "to"})
public record PartitionRange(int partition, long from, long to) {
    /** Refuses an end before its start. */
    public PartitionRange {
        if (partition < 0 || from < 0 || to < from) {
            throw new IllegalArgumentException("partition " + partition + ": no range goes from " + from + " to " + to);
        }
    }

    /** How many offsets; there may be fewer records. */
    public long length() {
        return to - from;
    }
}
