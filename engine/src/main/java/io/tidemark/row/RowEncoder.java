package io.tidemark.row;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.job.AggregationSpec;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.JobSpec;
import io.tidemark.window.WindowAssigner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes rows from the cells of a job's tables. Two cells of a job never have the same key. Names and columns are looked up
 * when the encoder is made, not for each row.
 *
 * <p>Not safe for use by several threads.
 */
public final class RowEncoder {
    private final JsonFactory json = new JsonFactory();
    private final WindowAssigner windows;
    /** The name of the window in a row; null if the job has no windows. */
    private final @Nullable SerializableString windowName;

    private final SerializableString[] groupNames;
    private final Aggregate[] aggregates;
    /** Null if the key is a JSON object. */
    private final @Nullable KeyWriter template;

    /** One value of a row. */
    private record Aggregate(AggregationSpec spec, SerializableString name, CellLayout.Result result) {}

    /** An encoder for the rows of a job. */
    public RowEncoder(JobSpec job) {
        windows = WindowAssigner.of(job.window());
        String window = job.window().fieldName();
        windowName = window.isEmpty() ? null : new SerializedString(window);
        groupNames = job.groupNames().stream().map(SerializedString::new).toArray(SerializableString[]::new);
        CellLayout layout = CellLayout.of(job);
        aggregates = job.aggregate().stream()
                .map(each -> new Aggregate(each, new SerializedString(each.name()), layout.result(each)))
                .toArray(Aggregate[]::new);
        template = job.output().key().text() == null ? null : new KeyWriter(job);
    }

    /** The key of a row: a JSON object of window and groups, or what the job's template says; see {@link KeyWriter}. */
    public byte[] key(CellTable table, int slot) {
        String window = windows.text(table.window(slot));
        List<GroupValue> groups = GroupKey.values(table.key(slot));
        return template == null
                ? object(generator -> writeIdentity(generator, window, groups))
                : template.key(window, groups).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The value of a row: a JSON object of window, groups and aggregates, in the order of the job.
     *
     * @throws NotFiniteException if a result is infinite or not a number
     */
    public byte[] value(CellTable table, int slot) throws NotFiniteException {
        double[] results = new double[aggregates.length];
        for (int i = 0; i < results.length; i++) {
            results[i] = aggregates[i].result.of(table, slot);
            if (!Double.isFinite(results[i])) {
                throw new NotFiniteException(aggregates[i].spec);
            }
        }
        return object(generator -> {
            writeIdentity(generator, windows.text(table.window(slot)), GroupKey.values(table.key(slot)));
            for (int i = 0; i < results.length; i++) {
                generator.writeFieldName(aggregates[i].name);
                if (aggregates[i].spec.function() == Function.COUNT) {
                    // Not the double, which cannot hold all counts.
                    generator.writeNumber(table.count(slot));
                } else {
                    generator.writeNumber(RowNumbers.text(results[i]));
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
            String text = groups.get(i).text();
            switch (groups.get(i).type()) {
                case STRING -> generator.writeString(text);
                case NUMBER -> generator.writeNumber(text);
                case BOOLEAN -> generator.writeBoolean(text.equals("true"));
            }
        }
    }

    /** Writes the fields of one JSON object. */
    private interface Content {
        void write(JsonGenerator generator) throws IOException;
    }

    private byte[] object(Content content) {
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
