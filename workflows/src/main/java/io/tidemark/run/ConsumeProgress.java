package io.tidemark.run;

import java.util.List;

/**
 * The heartbeat of a consume activity. The Web UI shows it with the pending activities.
 *
 * @param topic the input topic
 * @param partitions the ranges that are still to read: [partition, next offset, end]
 * @param done offsets read
 * @param planned offsets to read
 * @param records records read
 * @param recordsPerSecond average since the activity started
 */
public record ConsumeProgress(
        String topic, List<PartitionRange> partitions, long done, long planned, long records, long recordsPerSecond) {}
