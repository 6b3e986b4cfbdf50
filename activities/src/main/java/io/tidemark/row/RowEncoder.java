package io.tidemark.row;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.job.AggregationSpec;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.JobSpec;
import io.tidemark.job.KeyTemplate;
import io.tidemark.window.WindowAssigner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Makes rows from cells. Two cells of a job never have the same key.
 *
 * <p>Not safe for use by several threads.
 */
public final class RowEncoder {
    private final JsonFactory json = JsonFactory.builder()
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();
    private final JobSpec job;
    private final WindowAssigner windows;
    private final List<KeyTemplate.Part> template;
    private final String literals;

    /** An encoder for the rows of a job. */
    public RowEncoder(JobSpec job) {
        this.job = job;
        windows = WindowAssigner.of(job.window());
        template = job.output().key().parts();
        StringBuilder text = new StringBuilder("%");
        for (KeyTemplate.Part each : template) {
            if (!each.isField()) {
                text.append(each.text());
            }
        }
        literals = text.toString();
    }

    /**
     * The key of a row: window and groups as a JSON object or, where the job has a template, as that says. In a template
     * the window stands as it is, and a group as {@link GroupValue#plain} with '%' and every character of the template's
     * own text percent-encoded.
     */
    public byte[] key(CellTable table, int slot) {
        String window = windows.text(table.window(slot));
        List<GroupValue> groups = GroupKey.values(table.key(slot));
        if (job.output().key().text() == null) {
            return object(generator -> writeIdentity(generator, window, groups));
        }
        StringBuilder key = new StringBuilder();
        for (KeyTemplate.Part each : template) {
            if (!each.isField()) {
                key.append(each.text());
            } else if (each.text().equals(job.window().fieldName())) {
                key.append(window);
            } else {
                escape(groups.get(job.groupBy().indexOf(each.text())).plain(), key);
            }
        }
        return key.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The value of a row: a JSON object of window, groups and aggregates, in the order of the job.
     *
     * @throws NotFiniteException where a result is infinite or not a number
     */
    public byte[] value(CellTable table, int slot) throws NotFiniteException {
        List<AggregationSpec> aggregations = job.aggregate();
        double[] results = new double[aggregations.size()];
        for (int i = 0; i < results.length; i++) {
            results[i] = table.layout().result(aggregations.get(i), table, slot);
            if (!Double.isFinite(results[i])) {
                throw new NotFiniteException(aggregations.get(i));
            }
        }
        return object(generator -> {
            writeIdentity(generator, windows.text(table.window(slot)), GroupKey.values(table.key(slot)));
            for (int i = 0; i < results.length; i++) {
                generator.writeFieldName(aggregations.get(i).name());
                if (aggregations.get(i).function() == Function.COUNT) {
                    generator.writeNumber(table.count(slot));
                } else {
                    generator.writeNumber(results[i]);
                }
            }
        });
    }

    private void writeIdentity(JsonGenerator generator, String window, List<GroupValue> groups) throws IOException {
        if (!job.window().fieldName().isEmpty()) {
            generator.writeStringField(job.window().fieldName(), window);
        }
        for (int i = 0; i < groups.size(); i++) {
            generator.writeFieldName(job.groupBy().get(i));
            String text = groups.get(i).text();
            switch (groups.get(i).type()) {
                case STRING -> generator.writeString(text);
                case NUMBER -> generator.writeNumber(text);
                case BOOLEAN -> generator.writeBoolean(text.equals("true"));
            }
        }
    }

    private void escape(String text, StringBuilder into) {
        text.codePoints().forEach(c -> {
            if (literals.indexOf(c) < 0) {
                into.appendCodePoint(c);
                return;
            }
            for (byte each : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                into.append(String.format(Locale.ROOT, "%%%02X", each));
            }
        });
    }

    /** Writes what goes into one JSON object. */
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
            throw new UncheckedIOException("memory does not fail", e);
        }
        return bytes.toByteArray();
    }
}
