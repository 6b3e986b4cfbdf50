package io.tidemark.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Scope;
import java.util.Locale;

/**
 * The records that a run reads, and the aggregation that it computes.
 *
 * @param records number of records over all partitions
 * @param partitions number of partitions of the topic
 * @param valueBytes minimum length of a value in bytes; a field that no job reads fills shorter values
 * @param fields number of fields of a value, with those that jobs read in the middle; 0 for values that begin with them
 * @param compression compression of the records: none, gzip, snappy, lz4 or zstd
 * @param groups number of meters to compute means of, without a window; 0 for means by day
 * @param onePartition whether all records are in the first partition
 * @param perSlice number of partitions of a slice
 * @param spread whether each partition has readings of all meters; otherwise each meter is in one partition
 */
record Workload(
        long records,
        int partitions,
        int valueBytes,
        int fields,
        String compression,
        int groups,
        boolean onePartition,
        int perSlice,
        boolean spread) {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int LEAST_FIELDS = 6;

    Workload {
        if (records < 0 || partitions < 1) {
            throw new IllegalArgumentException("--records is " + records + ", --partitions is " + partitions
                    + "; --records must be at least 0, --partitions at least 1");
        }
        if (fields != 0 && fields < LEAST_FIELDS) {
            throw new IllegalArgumentException("--fields is " + fields + "; it must be at least " + LEAST_FIELDS
                    + ": three that jobs read, one on each side of them, and a note");
        }
        int used = onePartition || spread ? 1 : partitions;
        if (groups != 0 && groups < used) {
            throw new IllegalArgumentException("--groups is " + groups + ", but " + used
                    + " partitions have records; each needs at least one group");
        }
    }

    /** Returns a workload of means by day, with the values of the tutorial, uncompressed. */
    static Workload daily(long records, int partitions) {
        return new Workload(records, partitions, 0, 0, "none", 0, false, 1, false);
    }

    Workload compressed(String type) {
        return new Workload(records, partitions, valueBytes, fields, type, groups, onePartition, perSlice, spread);
    }

    /** Returns the same with values of at least {@code bytes} bytes in {@code number} fields. */
    Workload wide(int number, int bytes) {
        return new Workload(records, partitions, bytes, number, compression, groups, onePartition, perSlice, spread);
    }

    Workload inOnePartition() {
        return new Workload(records, partitions, valueBytes, fields, compression, groups, true, perSlice, spread);
    }

    Workload grouped(int number) {
        return new Workload(
                records, partitions, valueBytes, fields, compression, number, onePartition, perSlice, spread);
    }

    Workload sliced(int together) {
        return new Workload(
                records, partitions, valueBytes, fields, compression, groups, onePartition, together, spread);
    }

    Workload spreadOut() {
        return new Workload(records, partitions, valueBytes, fields, compression, groups, onePartition, perSlice, true);
    }

    /** Returns the number of records in this partition. */
    long recordsIn(int partition) {
        if (onePartition) {
            return partition == 0 ? records : 0;
        }
        return records / partitions + (partition < records % partitions ? 1 : 0);
    }

    /** Returns the number of groups in this partition. */
    int groupsIn(int partition) {
        if (spread) {
            return groups;
        }
        if (onePartition) {
            return partition == 0 ? groups : 0;
        }
        return groups / partitions + (partition < groups % partitions ? 1 : 0);
    }

    /** Returns a job over this topic that writes to {@link #outputTopic}. */
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
        // There are no bad records, and a topic for them would double the files of the broker.
        return job.put("badRecords", "fail").put("partitionsPerSlice", perSlice);
    }

    /**
     * Returns {@link #job} with the aggregates, the condition and the scope of another job instead of the mean, and a count.
     *
     * @param like reads the fields of the readings: datetime, voltage, and meter if there are groups
     */
    ObjectNode job(String name, String topic, JobSpec like) {
        ObjectNode job = job(name, topic);
        JsonNode other = like.toJson();
        job.set("aggregate", other.path("aggregate").<ObjectNode>deepCopy().put("count", "count"));
        if (other.has("where")) {
            job.set("where", other.get("where"));
        }
        if (like.scope() == Scope.TOPIC) {
            job.put("scope", "topic")
                    .withObject("/output")
                    .put("partitions", like.output().partitions());
        }
        return job;
    }

    static String outputTopic(String job) {
        return job + "-output";
    }

    /** Returns for example {@code 10,000,000 records, 8 partitions, means by day}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%,d records, %,d partitions", records, partitions)
                + (onePartition ? " (all in one)" : "")
                + (compression.equals("none") ? "" : ", " + compression)
                + (valueBytes > 0 ? ", values of " + valueBytes + " bytes" : "")
                + (fields > 0 ? (valueBytes > 0 ? " in " : ", values of ") + fields + " fields" : "")
                + (groups > 0 ? String.format(Locale.ROOT, ", means of %,d groups", groups) : ", means by day")
                + (spread ? " in all partitions" : "")
                + (perSlice > 1 ? ", " + perSlice + " a slice" : "");
    }
}
