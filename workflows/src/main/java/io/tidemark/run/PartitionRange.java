package io.tidemark.run;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * Offsets of one partition, from {@code from} inclusive to {@code to} exclusive. Its JSON form is {@code [partition,
 * from, to]}, because a plan may contain thousands of ranges.
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"partition", "from", "to"})
public record PartitionRange(int partition, long from, long to) {
    /** Throws {@code IllegalArgumentException} if a value is negative or the end is before the start. */
    public PartitionRange {
        if (partition < 0 || from < 0 || to < from) {
            throw new IllegalArgumentException(
                    "partition " + partition + ": invalid range, from offset " + from + " to offset " + to);
        }
    }

    /** Returns the number of offsets. The number of records may be lower. */
    public long length() {
        return to - from;
    }
}
