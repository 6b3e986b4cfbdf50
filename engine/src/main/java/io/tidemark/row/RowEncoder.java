package io.tidemark.row;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.RowValue;
import io.tidemark.job.AggregationSpec;
import io.tidemark.job.JobSpec;
import io.tidemark.job.OutputSpec;
import io.tidemark.job.RowShape.Kind;
import io.tidemark.window.RowWindows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes rows from the cells of a job's tables, or of {@link WindowTotals} if windows overlap. Two cells of a job never have
 * the same key. Names and columns are looked up
 * when the encoder is made, not for each row.
 *
 * <p>Not safe for use by several threads.
 */
public final class RowEncoder {
    private final JsonFactory json = new JsonFactory();
    private final RowWindows windows;
    /** The name of the window in a key; null if the job has no windows. */
    private final @Nullable SerializableString windowName;

    private final SerializableString[] groupNames;
    private final Aggregate[] aggregates;
    private final Column[] columns;
    private final boolean numbersAsText;
    /** Null if the key is a JSON object. */
    private final @Nullable KeyWriter template;

    /** One value of a row. */
    private record Aggregate(AggregationSpec spec, RowValue value) {}

    /** A field of a row. */
    private record Column(SerializableString name, Kind kind, int index) {}

    /** An encoder for the rows of a job. */
    public RowEncoder(JobSpec job) {
        windows = RowWindows.of(job.window());
        String window = job.window().fieldName();
        windowName = window.isEmpty() ? null : new SerializedString(window);
        groupNames = job.groupNames().stream().map(SerializedString::new).toArray(SerializableString[]::new);
        CellLayout layout = CellLayout.of(job);
        aggregates = job.aggregate().stream()
                .map(each -> new Aggregate(each, layout.rowValue(each)))
                .toArray(Aggregate[]::new);
        columns = job.rowColumns().stream()
                .map(each -> new Column(new SerializedString(each.name()), each.kind(), each.index()))
                .toArray(Column[]::new);
        numbersAsText = job.output().numbers() == OutputSpec.Numbers.TEXT;
        template = job.output().key().text() == null ? null : new KeyWriter(job);
    }

    /** The key of a row: a JSON object of window and groups, or what the job's template says; see {@link KeyWriter}. */
    public byte[] key(CellTable table, int slot) {
        String window = windows.text(table.window(slot));
        List<GroupValue> groups = GroupKey.values(table.key(slot));
        return template == null
                ? this.<RuntimeException>object(generator -> writeIdentity(generator, window, groups))
                : template.key(window, groups).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The value of a row: a JSON object of window, groups and aggregates, in the order of the job, or what {@code
     * output.row} says.
     *
     * @throws NotFiniteException if a result is infinite or not a number
     */
    public byte[] value(CellTable table, int slot) throws NotFiniteException {
        long window = table.window(slot);
        List<GroupValue> groups = GroupKey.values(table.key(slot));
        return this.<NotFiniteException>object(generator -> {
            AggregateWriter writer = new AggregateWriter(generator, numbersAsText);
            for (Column each : columns) {
                generator.writeFieldName(each.name);
                switch (each.kind) {
                    case WINDOW -> generator.writeString(windows.text(window));
                    case WINDOW_START -> generator.writeString(windows.time(windows.start(window)));
                    case WINDOW_END -> generator.writeString(windows.time(windows.end(window)));
                    case WINDOW_START_MILLIS -> generator.writeNumber(windows.start(window));
                    case WINDOW_END_MILLIS -> generator.writeNumber(windows.end(window));
                    case GROUP -> AggregateWriter.writeValue(generator, groups.get(each.index));
                    case AGGREGATE -> {
                        Aggregate aggregate = aggregates[each.index];
                        aggregate.value.write(table, slot, writer);
                        if (writer.metNotFinite()) {
                            throw new NotFiniteException(aggregate.spec);
                        }
                    }
                    case COUNT -> writer.digits(String.valueOf(table.count(slot)));
                }
            }
        });
    }

    private void writeIdentity(JsonGenerator generator, String window, List<GroupValue> groups) throws IOException {
        if (windowName != null) {
            generator.writeFieldName(windowName);
            generator.writeString(window);
        }
        for (int i = 0; i < groups.size(); i++) {
            generator.writeFieldName(groupNames[i]);
            AggregateWriter.writeValue(generator, groups.get(i));
        }
    }

    /** Writes the fields of one JSON object. */
    private interface Content<X extends Exception> {
        void write(JsonGenerator generator) throws IOException, X;
    }

    private <X extends Exception> byte[] object(Content<X> content) throws X {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (JsonGenerator generator = json.createGenerator(bytes)) {
            generator.writeStartObject();
            content.write(generator);
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory does not fail", e);
        }
        return bytes.toByteArray();
    }
}
