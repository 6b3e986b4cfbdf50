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

/** How far a reading is in each of its ranges. */
final class ReadRanges {
    /** One range. */
    static final class Range {
        final TopicPartition partition;
        final long from;
        final long to;
        /** The next offset that may hold a record that was not handed over. */
        long position;
        /** Of the last batch that begins before the end, or -1. */
        private int leaderEpoch = -1;
        /** Where that batch ends. */
        private long leaderEpochTo;
        /** Offsets passed over, because no record that counts was there. */
        long invisible;
        /** The latest time of a record, or -1. */
        long newest = -1;
        /** Where the log began when it was last looked at, or -1. */
        long logStart = -1;

        private Range(TopicPartition partition, PartitionRange asked) {
            this.partition = partition;
            this.from = asked.from();
            this.to = asked.to();
            this.position = asked.from();
        }

        /** The log up to there is known, and no more records are in it. */
        void reached(long offset) {
            long end = Math.min(offset, to);
            if (end > position) {
                invisible += end - position;
                position = end;
            }
        }

        /** A record with that offset and time is handed over. */
        void handed(long offset, long timestamp) {
            invisible += offset - position;
            position = offset + 1;
            if (timestamp > newest) {
                newest = timestamp;
            }
        }

        /** The batch that ends there, and begins before the end of the range, was appended by the leader of that epoch. */
        void appendedUnder(int epoch, long batchEnd) {
            leaderEpoch = epoch;
            leaderEpochTo = batchEnd;
        }

        /**
         * Under which leader the offset before the position was appended, or -1. It is not known where the position lies
         * behind a hole: what compaction removed there may be of a later leader than the batch before it, and what lies
         * beyond the range of a later one again.
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

    /** In the order in which they were asked for. */
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

    /** What is left of those that are not done. */
    List<PartitionRange> remaining() {
        List<PartitionRange> remaining = new ArrayList<>();
        for (Range each : all) {
            if (each.open()) {
                remaining.add(new PartitionRange(each.partition.partition(), each.position, each.to));
            }
        }
        return remaining;
    }

    /** What became of all of them, after so much time. */
    List<Read> end(Duration most) {
        if (anyOpen() && all.stream().noneMatch(each -> each.position > each.from)) {
            throw new TidemarkException(
                    FailureKind.KAFKA_UNAVAILABLE,
                    "input " + topic + ": not one offset gained in " + most.toSeconds()
                            + " s, with these ranges to read: " + remaining());
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
