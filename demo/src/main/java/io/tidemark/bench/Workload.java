package io.tidemark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * What a run has to read, and what it makes of it.
 *
 * @param records how many, over all partitions
 * @param partitions of the topic
 * @param valueBytes how long a value is at least; shorter ones are filled up with a field that no job reads
 * @param compression of the topic's records: none, gzip, snappy, lz4 or zstd
 * @param groups how many meters to take means of, over all time; 0 for means by day
 * @param onePartition whether all records are in the first partition
 * @param perSlice how many neighbouring partitions travel together
 */
record Workload(
        long records,
        int partitions,
        int valueBytes,
        String compression,
        int groups,
        boolean onePartition,
        int perSlice) {

    private static final ObjectMapper JSON = new ObjectMapper();

    Workload {
        if (records < 0 || partitions < 1) {
            throw new IllegalArgumentException("--records is " + records + ", --partitions is " + partitions
                    + "; there are no readings of less than none, and no topic without a partition");
        }
        int used = onePartition ? 1 : partitions;
        if (groups != 0 && groups < used) {
            throw new IllegalArgumentException("--groups is " + groups + ", and " + used
                    + " partitions have records; each needs a group of its own");
        }
    }

    /** Means by day, values as the tutorial has them, uncompressed. */
    static Workload daily(long records, int partitions) {
        return new Workload(records, partitions, 0, "none", 0, false, 1);
    }

    Workload compressed(String type) {
        return new Workload(records, partitions, valueBytes, type, groups, onePartition, perSlice);
    }

    Workload inOnePartition() {
        return new Workload(records, partitions, valueBytes, compression, groups, true, perSlice);
    }

    Workload grouped(int number) {
        return new Workload(records, partitions, valueBytes, compression, number, onePartition, perSlice);
    }

    Workload sliced(int together) {
        return new Workload(records, partitions, valueBytes, compression, groups, onePartition, together);
    }

    /** How many of the records are in this partition. */
    long recordsIn(int partition) {
        if (onePartition) {
            return partition == 0 ? records : 0;
        }
        return records / partitions + (partition < records % partitions ? 1 : 0);
    }

    /** How many of the groups are in this partition: a meter's readings are all in one. */
    int groupsIn(int partition) {
        if (onePartition) {
            return partition == 0 ? groups : 0;
        }
        return groups / partitions + (partition < groups % partitions ? 1 : 0);
    }

    /** A job over this topic, which writes to {@link #outputTopic}. */
    ObjectNode job(String name, String topic) {
        ObjectNode job = JSON.createObjectNode().put("name", name);
        ObjectNode input = job.putObject("input").put("topic", topic);
        if (groups > 0) {
            job.put("window", "none").putArray("groupBy").add("meter");
        } else {
            input.putObject("timestamp")
                    .put("field", "datetime")
                    .put("pattern", "dd/MM/yyyy HH:mm:ss")
                    .put("zone", "UTC");
            job.putObject("window").put("every", "day").put("zone", "UTC");
        }
        job.putObject("aggregate").put("count", "count").putObject("voltage").put("mean", "voltage");
        job.putObject("output").put("topic", outputTopic(name)).put("key", groups > 0 ? "{meter}" : "{date}");
        // There are none, and a topic for them would take as many files of the broker as the output does.
        return job.put("badRecords", "fail").put("partitionsPerSlice", perSlice);
    }

    static String outputTopic(String job) {
        return job + "-output";
    }

    /** {@code 10,000,000 records, 8 partitions, means by day}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%,d records, %,d partitions", records, partitions)
                + (onePartition ? " (all in one)" : "")
                + (compression.equals("none") ? "" : ", " + compression)
                + (valueBytes > 0 ? ", values of " + valueBytes + " bytes" : "")
                + (groups > 0 ? String.format(Locale.ROOT, ", means of %,d groups", groups) : ", means by day")
                + (perSlice > 1 ? ", " + perSlice + " a slice" : "");
    }
}
