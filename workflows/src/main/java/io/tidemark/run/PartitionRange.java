package io.tidemark.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tidemark.state.Mark;
import org.jspecify.annotations.Nullable;

/**
 * Offsets of one partition, from {@code from} inclusive to {@code to} exclusive. Its JSON form is {@code [partition, from,
 * to]}, because a plan may contain thousands of ranges; in a job with {@code close} it is {@code [partition, from, to,
 * closedBefore, target]}. A range without offsets closes windows only.
 *
 * @param closing what is closed, and what the range closes when its last offset is processed; null in a job without
 *     {@code close}
 */
public record PartitionRange(
        int partition, long from, long to, @Nullable Closing closing) {
    private static final int WITHOUT_CLOSING = 3;
    private static final int WITH_CLOSING = 5;

    /** Throws {@code IllegalArgumentException} if a value is negative or the end is before the start. */
    public PartitionRange {
        if (partition < 0 || from < 0 || to < from) {
            throw new IllegalArgumentException(
                    "partition " + partition + ": invalid range, from offset " + from + " to offset " + to);
        }
    }

    /** A range of a job without {@code close}. */
    public PartitionRange(int partition, long from, long to) {
        this(partition, from, to, null);
    }

    /** Returns the number of offsets. The number of records may be lower. */
    public long length() {
        return to - from;
    }

    /** Returns how far the partition must be processed before this range. */
    public Mark begin() {
        return new Mark(from, closedBefore());
    }

    /** Returns the start of the first window that is not closed for the records of this range. */
    public long closedBefore() {
        return closing == null ? Mark.NOTHING_CLOSED : closing.closedBefore();
    }

    /** Returns the start of the first window that this range leaves open. */
    public long target() {
        return closing == null ? Mark.NOTHING_CLOSED : Math.max(closing.target(), closing.closedBefore());
    }

    /**
     * Returns a part of this range. Only a part up to the end closes windows: before that, records of these windows may
     * follow.
     */
    public PartitionRange part(long newFrom, long newTo) {
        Closing kept =
                closing == null || newTo == to ? closing : new Closing(closing.closedBefore(), closing.closedBefore());
        return new PartitionRange(partition, newFrom, newTo, kept);
    }

    /** Returns what is left of this range for a partition that is processed up to {@code mark}. */
    public PartitionRange after(Mark mark) {
        Closing left = closing == null ? null : new Closing(mark.closedBefore(), closing.target());
        return new PartitionRange(partition, mark.through(), Math.max(to, mark.through()), left);
    }

    /** Returns this range with another target. */
    public PartitionRange closingTo(long target) {
        return new PartitionRange(partition, from, to, new Closing(closedBefore(), target));
    }

    /** Whether nothing is left to read or to close. */
    public boolean isDone() {
        return length() == 0 && target() <= closedBefore();
    }

    /** Returns this range and {@code next} as one. {@code next} must begin at the end of this range. */
    PartitionRange join(PartitionRange next) {
        return new PartitionRange(partition, from, next.to, next.closing);
    }

    @JsonValue
    @Nullable
    Long[] toJson() {
        return closing == null
                ? new Long[] {(long) partition, from, to}
                : new @Nullable Long[] {(long) partition, from, to, time(closing.closedBefore()), time(closing.target())
                };
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static PartitionRange fromJson(@Nullable Long[] json) {
        if (json.length != WITHOUT_CLOSING && json.length != WITH_CLOSING) {
            throw new IllegalArgumentException(
                    "a range has 3 or 5 numbers, but this has " + json.length + "; was it made by a newer worker?");
        }
        Closing closing = json.length == WITHOUT_CLOSING ? null : new Closing(time(json[3]), time(json[4]));
        return new PartitionRange(Math.toIntExact(number(json[0])), number(json[1]), number(json[2]), closing);
    }

    private static long number(@Nullable Long json) {
        if (json == null) {
            throw new IllegalArgumentException("a range needs a partition and two offsets");
        }
        return json;
    }

    private static @Nullable Long time(long time) {
        return time == Mark.NOTHING_CLOSED ? null : time;
    }

    private static long time(@Nullable Long json) {
        return json == null ? Mark.NOTHING_CLOSED : json;
    }
}
