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
 * @param scope which records a row has
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
        NamesSpec names,
        Scope scope) {

    /** With larger slices the broker would take long to finish a transaction. */
    public static final int MAX_PARTITIONS_PER_SLICE = 1_000;

    /** Size of the largest record of partial totals: that of the largest record of totals. */
    public static final int PARTIAL_BYTES = 8 * 1024 * 1024;

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
        boolean readsPartials = scope == Scope.TOPIC && input.topic().equals(JobNames.partialsTopic(names, name));
        if (JobNames.isPrivateTopic(input.topic()) && !readsPartials) {
            throw new InvalidJobException(
                    "input.topic",
                    "must not be a topic that is private to a job, which holds totals and no events, but is '"
                            + input.topic() + "'");
        }
        if (JobNames.isPrivateTopic(output.topic())) {
            throw new InvalidJobException(
                    "output.topic",
                    "must not be a topic that is private to a job, because rows would overwrite its totals, but is '"
                            + output.topic() + "'");
        }
        if (scope == Scope.PARTITION && output.partitions() != OutputSpec.PARTITIONS) {
            throw new InvalidJobException(
                    "output.partitions",
                    "needs scope: topic, because in scope partition the output has the partitions of the input; remove"
                            + " it, or add scope: topic");
        }
        if (scope == Scope.TOPIC && output.grow()) {
            throw new InvalidJobException(
                    "output.grow",
                    "has a meaning only in scope partition, because in scope topic the number of partitions never"
                            + " changes; remove it, and set output.partitions");
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

    /** The stage of a run that this job describes. */
    public Stage stage() {
        if (scope == Scope.PARTITION) {
            return Stage.ONLY;
        }
        return input.topic().equals(JobNames.partialsTopic(this)) ? Stage.TOTALS : Stage.RECORDS;
    }

    /**
     * The second stage of a job with {@link Scope#TOPIC}: a job whose input is the topic of partial totals. What concerns
     * records has its default, because its input has none.
     */
    public JobSpec totals() {
        return new JobSpec(
                name,
                new InputSpec(
                        JobNames.partialsTopic(this),
                        new TimestampSpec.RecordTime(),
                        InputSpec.Check.WHOLE,
                        // A gap is found by its number of offsets, and fails the partition.
                        InputSpec.DataLoss.CONTINUE,
                        InputSpec.OpenTransactions.PROCEED,
                        InputSpec.Rows.COUNT,
                        InputSpec.Until.END,
                        PARTIAL_BYTES,
                        input.key()),
                null,
                window,
                close == null
                        ? null
                        : new CloseSpec(close.after(), CloseSpec.By.RUN, CloseSpec.Late.COUNT, CloseSpec.MAX_AHEAD),
                groupBy,
                aggregate,
                output,
                new StartSpec.Earliest(),
                Overlap.REFUSE,
                deadline,
                1,
                new BadRecordSpec(BadRecordSpec.Policy.SKIP, badRecords.limit(), badRecords.groupBytes()),
                limits,
                RunBudget.NONE,
                names,
                scope);
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
                names,
                scope);
    }

    /** Reads the JSON form, also that of {@link #totals}; see {@link JobCodec#read}. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static JobSpec fromJson(JsonNode json) {
        return JobCodec.readStage(json);
    }

    /** The JSON form, without the fields that have their default; see {@link JobCodec#write}. */
    @JsonValue
    public JsonNode toJson() {
        return JobCodec.write(this);
    }
}
