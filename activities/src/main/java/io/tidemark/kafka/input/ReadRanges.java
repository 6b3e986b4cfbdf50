package io.tidemark.kafka.input;

import io.tidemark.kafka.input.InputReader.Read;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** The progress of a read in each of its ranges. Not safe for use by several threads. */
final class ReadRanges {
    /** One range. */
    static final class Range {
        final TopicPartition partition;
        final long from;
        final long to;
        /** The next offset that may contain a record for the handler. */
        long position;
        /** Leader epoch of the last batch that begins before the range's end, or -1. */
        private int leaderEpoch = -1;
        /** The offset after that batch. */
        private long leaderEpochTo;
        /** Number of offsets without a visible record. */
        long invisible;
        /** The latest time of a record, or -1. */
        long newest = -1;
        /** Where the log began according to the last response, or -1. */
        long logStart = -1;

        private Range(TopicPartition partition, PartitionRange asked) {
            this.partition = partition;
            this.from = asked.from();
            this.to = asked.to();
            this.position = asked.from();
        }

        /** Moves the position to {@code offset}: there are no more records before it. */
        void reached(long offset) {
            long end = Math.min(offset, to);
            if (end > position) {
                invisible += end - position;
                position = end;
            }
        }

        /** Moves the position behind a record that was passed to the handler. */
        void handed(long offset, long timestamp) {
            invisible += offset - position;
            position = offset + 1;
            if (timestamp > newest) {
                newest = timestamp;
            }
        }

        /** Notes the leader epoch of a batch that begins before the end of the range and ends at {@code batchEnd}. */
        void appendedUnder(int epoch, long batchEnd) {
            leaderEpoch = epoch;
            leaderEpochTo = batchEnd;
        }

        /**
         * Returns the leader epoch of the offset before the position, or -1. It is unknown if the position is behind a
         * gap: a record that compaction removed from the gap may have had a later epoch than the batch before it, and
         * the batch after the range a later one again.
         */
        int leaderEpoch() {
            return leaderEpochTo >= position ? leaderEpoch : -1;
        }

        boolean open() {
            return position < to;
        }
    }

    private final String topic;
    private final List<Range> all;
    private final Map<TopicPartition, Range> byPartition = new HashMap<>();

    ReadRanges(String topic, List<PartitionRange> asked) {
        this.topic = topic;
        this.all = asked.stream()
                .map(each -> new Range(new TopicPartition(topic, each.partition()), each))
                .toList();
        all.forEach(each -> byPartition.put(each.partition, each));
    }

    String topic() {
        return topic;
    }

    /** Returns all ranges in the order of the request. */
    List<Range> all() {
        return all;
    }

    Range of(TopicPartition partition) {
        Range range = byPartition.get(partition);
        if (range == null) {
            throw new IllegalStateException(partition + " was not asked for");
        }
        return range;
    }

    boolean anyOpen() {
        for (Range each : all) {
            if (each.open()) {
                return true;
            }
        }
        return false;
    }

    /** Returns the remaining parts of the ranges that are not done. */
    List<PartitionRange> remaining() {
        List<PartitionRange> remaining = new ArrayList<>();
        for (Range each : all) {
            if (each.open()) {
                remaining.add(new PartitionRange(each.partition.partition(), each.position, each.to));
            }
        }
        return remaining;
    }

    /**
     * Returns the results of all ranges.
     *
     * @param timeLimit only for the message
     * @throws TidemarkException KAFKA_UNAVAILABLE if ranges remain and none has advanced
     */
    List<Read> end(Duration timeLimit) {
        if (anyOpen() && all.stream().noneMatch(each -> each.position > each.from)) {
            throw new TidemarkException(
                    FailureKind.KAFKA_UNAVAILABLE,
                    "input " + topic + ": no offset was read in " + timeLimit.toSeconds() + " s of these ranges: "
                            + remaining() + "; are the leaders of these partitions up?");
        }
        return all.stream()
                .map(each -> new Read(
                        new PartitionRange(each.partition.partition(), each.from, each.position),
                        each.leaderEpoch(),
                        each.invisible,
                        each.newest,
                        each.logStart))
                .toList();
    }
}
