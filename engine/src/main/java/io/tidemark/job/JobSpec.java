package io.tidemark.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.job.form.Times;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A job: what to read, how to divide it into windows and groups, what to compute, where to write. The names of the
 * consumer group, the state topic and the transactional ids are made from the job's name ({@link JobNames}).
 *
 * <p>YAML files, JSON files and workflow inputs have the same fields; {@link JobFields} is the table of them, with their
 * limits, defaults and meaning.
 *
 * @param name the job's identity: {@code [a-z0-9][a-z0-9-]{0,62}}
 * @param where which records count; null for all
 * @param close when windows close, or null if they stay open
 * @param groupBy fields of a record; records with the same values go into the same row
 * @param aggregate the values of a row, in their order
 * @param start where the first run starts to read
 * @param overlap what a run does while another run of the job is active
 * @param deadline how long after its nominal time a run should have ended; null if nobody waits for it
 * @param partitionsPerSlice how many neighbouring partitions are processed by one chain of activities and one transaction
 * @param names how the names of the group, the state topic and the transactional ids begin
 */
public record JobSpec(
        String name,
        InputSpec input,
        @Nullable Condition where,
        WindowSpec window,
        @Nullable CloseSpec close,
        List<GroupField> groupBy,
        List<AggregationSpec> aggregate,
        OutputSpec output,
        StartSpec start,
        Overlap overlap,
        @Nullable Duration deadline,
        int partitionsPerSlice,
        BadRecordSpec badRecords,
        RunLimits limits,
        RunBudget budget,
        NamesSpec names) {

    /** With larger slices the broker would take long to finish a transaction. */
    public static final int MAX_PARTITIONS_PER_SLICE = 1_000;

    /** What a run does while another run of the job is active. */
    public enum Overlap {
        /** It fails at once and names the other run. */
        REFUSE,
        /** It waits for the end of the other run. */
        WAIT
    }

    /** Refuses a job whose fields contradict each other. The limits of single fields are checked when a job is read. */
    public JobSpec {
        groupBy = List.copyOf(groupBy);
        aggregate = List.copyOf(aggregate);
        String state = JobNames.stateTopic(names, name);
        if (input.topic().equals(output.topic())
                || input.topic().equals(JobNames.deadLetterTopic(output.topic()))
                || input.topic().equals(state)
                || output.topic().equals(state)) {
            throw new InvalidJobException(
                    "output.topic",
                    "must be another topic than the input, the state and the input's dead letters, but the input is "
                            + input.topic() + " and the output is " + output.topic());
        }
        if (JobNames.isStateTopic(input.topic())) {
            throw new InvalidJobException(
                    "input.topic",
                    "must not be the state topic of a job, which holds totals and no events, but is '" + input.topic()
                            + "'");
        }
        if (JobNames.isStateTopic(output.topic())) {
            throw new InvalidJobException(
                    "output.topic",
                    "must not be the state topic of a job, because rows would overwrite its totals, but is '"
                            + output.topic() + "'");
        }
        Set<String> fields = new HashSet<>();
        fields.add(window.fieldName());
        List<String> groupNames = groupBy.stream().map(GroupField::name).toList();
        for (int i = 0; i < groupNames.size(); i++) {
            if (!fields.add(groupNames.get(i))) {
                throw new InvalidJobException(
                        "groupBy[" + i + "]",
                        "must be a new name in the row, but '" + groupNames.get(i) + "' is already one"
                                + (groupBy.get(i).as() == null ? "; give it another by as: …" : ""));
            }
            String field = groupBy.get(i).field();
            if (groupBy.subList(0, i).stream().anyMatch(each -> each.field().equals(field))) {
                throw new InvalidJobException("groupBy[" + i + "]", "groups by " + field + " again; remove it");
            }
        }
        for (AggregationSpec each : aggregate) {
            if (each.name().isEmpty() || !fields.add(each.name())) {
                throw new InvalidJobException(
                        "aggregate." + each.name(),
                        "must be a new name in the row, but '" + each.name() + "' is "
                                + (each.name().isEmpty() ? "empty" : "already one"));
            }
        }
        output.key().check(window, groupNames);
        output.row().columns(window, groupNames, aggregate);
        if (close != null && !window.dividesTime()) {
            throw new InvalidJobException(
                    "close", "needs a window, because only windows close, but window is none; remove close");
        }
        if (output.emit() == OutputSpec.Emit.FINAL && close == null) {
            throw new InvalidJobException(
                    "output.emit",
                    "is final, which needs close to say when a window's row is final; add close: { after: 1d }, or"
                            + " remove emit");
        }
        FieldUse.of(input, where, groupBy, aggregate).check(input, aggregate);
        ConditionTypes.check(where, input, aggregate);
        Duration most = budget.time();
        if (most != null && most.compareTo(limits.time()) >= 0) {
            throw new InvalidJobException(
                    "budget.time",
                    "must be shorter than limits.time, which is " + Times.text(limits.time()) + ", but is "
                            + Times.text(most) + "; the run needs the difference to write what it has read");
        }
    }

    /** The names of the groups in rows and key templates, in their order. */
    public List<String> groupNames() {
        return groupBy.stream().map(GroupField::name).toList();
    }

    /** All that the job reads of a record, each once, as texts; see {@link FieldRef#text}. */
    public List<String> fields() {
        return FieldUse.of(input, where, groupBy, aggregate).fields();
    }

    /** Whether the job reads headers of records. */
    public boolean readsHeaders() {
        return fields().stream().map(FieldRef::of).anyMatch(FieldRef.Header.class::isInstance);
    }

    /** Whether the job writes dead letters: bad records or late ones. */
    public boolean writesDeadLetters() {
        return badRecords.policy() == BadRecordSpec.Policy.DEAD_LETTER
                || (close != null && close.late() == CloseSpec.Late.DEAD_LETTER);
    }

    /** The fields of a row, in their order. */
    public List<RowShape.Column> rowColumns() {
        return output.row().columns(window, groupNames(), aggregate);
    }

    /** The slice of a partition. Slice 0 has the partitions 0 to {@code partitionsPerSlice - 1}. */
    public int sliceOf(int partition) {
        return partition / partitionsPerSlice;
    }

    /** The same job with other aggregates. */
    public JobSpec withAggregate(List<AggregationSpec> others) {
        return new JobSpec(
                name,
                input,
                where,
                window,
                close,
                groupBy,
                others,
                output,
                start,
                overlap,
                deadline,
                partitionsPerSlice,
                badRecords,
                limits,
                budget,
                names);
    }

    /** Reads the JSON form; see {@link JobCodec#read}. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static JobSpec fromJson(JsonNode json) {
        return JobCodec.read(json);
    }

    /** The JSON form, without the fields that have their default; see {@link JobCodec#write}. */
    @JsonValue
    public JsonNode toJson() {
        return JobCodec.write(this);
    }
}
