package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.cli.OutputReader.Row;
import io.tidemark.job.AggregationSpec;
import io.tidemark.job.FieldRef;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.json.TimestampReader;
import io.tidemark.part.LimitException;
import io.tidemark.row.NotFiniteException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An {@link ExampleRecord} of a job, and what the engine makes of it.
 *
 * @param record the record
 * @param timeField the field with its time; null if the time is the Kafka timestamp
 * @param time the time that the engine reads; null if it cannot read the record
 * @param row the row of this record alone; null if the record does not count
 * @param problem why it does not count; empty if it does
 */
record Example(
        ExampleRecord record,
        @Nullable String timeField,
        @Nullable Instant time,
        @Nullable Row row,
        String problem) {

    private static final String FILTERED = "where filters this record";
    private static final String PLUGIN =
            ", an aggregate of a plugin, which this command cannot compute; try --plugins can";

    static Example of(JobSpec job) {
        ExampleRecord record = ExampleRecord.of(job);
        String timeField = job.input().timestamp().field();
        for (AggregationSpec each : job.aggregate()) {
            if (each.own() != null) {
                return new Example(
                        record,
                        timeField,
                        null,
                        null,
                        "aggregate." + each.name() + " uses " + each.own().use() + PLUGIN);
            }
        }
        DryRun run = new DryRun(job);
        try {
            if (!run.add(record.line(job.input()), ExampleRecord.TIME.toEpochMilli())) {
                return new Example(record, timeField, null, null, FILTERED);
            }
            Instant time = timeField == null ? ExampleRecord.TIME : time(job, timeField, record);
            return new Example(record, timeField, time, run.rows().get(0), "");
        } catch (MalformedRecordException e) {
            return new Example(record, timeField, null, null, e.reason() + ": " + e.getMessage());
        } catch (LimitException | NotFiniteException e) {
            throw new IllegalStateException("one record of small numbers makes one finite row", e);
        }
    }

    private static Instant time(JobSpec job, String field, ExampleRecord record) throws MalformedRecordException {
        TimestampReader times = TimestampReader.of(job.input().timestamp());
        return Instant.ofEpochMilli(times.millis(record.values(FieldRef.of(field), job.input()), 0));
    }

    void print(Printer printer) {
        printer.line(
                "Example record" + (timeField == null ? ", with the Kafka timestamp " + ExampleRecord.TIME : "") + ":");
        printer.line("  " + record.json());
        if (row == null || time == null) {
            printer.line(
                    problem.equals(FILTERED)
                            ? "The job filters this record."
                            : (problem.endsWith(PLUGIN)
                                            ? "There is no example row: "
                                            : "The job cannot read this record: ")
                                    + problem);
            return;
        }
        if (timeField != null) {
            printer.line("The job reads its time as " + time
                    + (time.equals(ExampleRecord.TIME)
                            ? ""
                            : ", although it was written for " + ExampleRecord.TIME
                                    + ". If you need the whole time, check input.timestamp.pattern"));
        }
        printer.line("Its row, if it is the only record of its window and group:");
        printer.line("  key    " + row.key());
        printer.line("  value  " + row.value());
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("record", record.json());
        if (row == null || time == null) {
            return json.put("problem", problem);
        }
        json.put("time", time.toString());
        ObjectNode written = RowsView.keyAndValue(row);
        json.set("key", written.path("key"));
        return json.set("row", written.path("value"));
    }
}
