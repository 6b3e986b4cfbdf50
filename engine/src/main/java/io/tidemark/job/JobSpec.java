package io.tidemark.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A job: what to read, how to cut it into windows and groups, what to compute, where to write. The consumer group, the
 * state topic and the transactional ids derive from its name ({@link JobNames}).
 *
 * <p>One schema serves YAML files, JSON files and workflow inputs: {@link JobCodec} reads and writes it.
 *
 * @param name the job's identity: {@code [a-z0-9][a-z0-9-]{0,62}}
 * @param groupBy paths of JSON fields; records with the same values go into the same row
 * @param aggregate the values of a row, in their order
 * @param start where the first run begins
 * @param overlap what a run does when another run of the job is under way
 * @param partitionsPerSlice how many neighbouring partitions travel together, in one chain of activities and one
 *     transaction
 */
public record JobSpec(
        String name,
        InputSpec input,
        WindowSpec window,
        List<String> groupBy,
        List<AggregationSpec> aggregate,
        OutputSpec output,
        StartSpec start,
        Overlap overlap,
        int partitionsPerSlice,
        BadRecordSpec badRecords,
        RunLimits limits,
        RunBudget budget) {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    /** Larger slices would make transactions that a broker takes long to finish. */
    public static final int MAX_PARTITIONS_PER_SLICE = 1_000;

    /** What a run does when another run of the job is under way. */
    public enum Overlap {
        /** It fails at once and names the other. */
        REFUSE,
        /** It waits for the other to end. */
        WAIT
    }

    /** Refuses a job whose parts do not fit together, naming the field. */
    public JobSpec {
        groupBy = List.copyOf(groupBy);
        aggregate = List.copyOf(aggregate);
        if (!NAME.matcher(name).matches()) {
            throw new InvalidJobException(
                    "name",
                    "'" + name + "' is not 1 to 63 characters of a-z, 0-9 and '-', with a letter or digit first");
        }
        if (aggregate.isEmpty()) {
            throw new InvalidJobException("aggregate", "is empty; a row needs at least one value, such as count");
        }
        if (partitionsPerSlice < 1 || partitionsPerSlice > MAX_PARTITIONS_PER_SLICE) {
            throw new InvalidJobException(
                    "partitionsPerSlice", partitionsPerSlice + " is not between 1 and " + MAX_PARTITIONS_PER_SLICE);
        }
        if (input.topic().equals(output.topic())
                || input.topic().equals(JobNames.deadLetterTopic(output.topic()))
                || input.topic().equals(JobNames.stateTopic(name))
                || output.topic().equals(JobNames.stateTopic(name))) {
            throw new InvalidJobException(
                    "output.topic",
                    "input, output, dead letters and state need topics of their own; the input is " + input.topic()
                            + ", the output " + output.topic());
        }
        if (JobNames.isStateTopic(output.topic())) {
            throw new InvalidJobException(
                    "output.topic",
                    "'" + output.topic() + "' is a name for the state of a job; rows there would destroy its totals");
        }
        Set<String> names = new HashSet<>();
        names.add(window.fieldName());
        for (int i = 0; i < groupBy.size(); i++) {
            FieldPaths.check("groupBy[" + i + "]", groupBy.get(i));
            if (!names.add(groupBy.get(i))) {
                throw new InvalidJobException(
                        "groupBy[" + i + "]", "'" + groupBy.get(i) + "' is already a name in the row");
            }
        }
        for (AggregationSpec each : aggregate) {
            if (each.name().isEmpty() || !names.add(each.name())) {
                throw new InvalidJobException(
                        "aggregate." + each.name(), "'" + each.name() + "' is empty or already a name in the row");
            }
            if (each.field() != null) {
                FieldPaths.check(
                        "aggregate." + each.name() + "." + each.function().jsonName(), each.field());
            }
        }
        String timeField = input.timestamp().field();
        if (timeField != null) {
            FieldPaths.check("input.timestamp.field", timeField);
        }
        output.key().check(window, groupBy);
        Duration most = budget.time();
        if (most != null && most.compareTo(limits.time()) >= 0) {
            throw new InvalidJobException(
                    "budget.time",
                    JobCodec.text(most) + " is not shorter than limits.time, " + JobCodec.text(limits.time())
                            + ", when what is not done counts as failed; the difference is what the run has to write"
                            + " what it has read");
        }
    }

    /** The first slice has the number 0 and holds the partitions 0 to {@code partitionsPerSlice - 1}. */
    public int sliceOf(int partition) {
        return partition / partitionsPerSlice;
    }

    /** Reads the JSON form; see {@link JobCodec#read}. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static JobSpec fromJson(JsonNode json) {
        return JobCodec.read(json);
    }

    /** The JSON form, with every default written out; see {@link JobCodec#write}. */
    @JsonValue
    public JsonNode toJson() {
        return JobCodec.write(this);
    }
}
