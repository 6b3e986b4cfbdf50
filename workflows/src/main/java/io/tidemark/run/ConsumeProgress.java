package io.tidemark.run;

import java.util.List;

/**
 * The heartbeat of a consume activity: what a person sees in the Web UI's pending activities.
 *
 * @param topic the input topic
 * @param partitions what is still to read of each partition: [partition, next offset, end]
 * @param done offsets read so far
 * @param planned offsets to read
 * @param records records seen so far
 * @param recordsPerSecond since the activity began
 */
public record ConsumeProgress(
        String topic, List<PartitionRange> partitions, long done, long planned, long records, long recordsPerSecond) {}
