package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.AggregateOptions;
import io.tidemark.job.AggregationSpec;
import io.tidemark.job.Condition;
import io.tidemark.job.FieldRef;
import io.tidemark.job.InputSpec;
import io.tidemark.job.JobSpec;
import io.tidemark.job.KeyTemplate;
import io.tidemark.job.TimestampSpec;
import io.tidemark.json.FieldPath;
import io.tidemark.json.FieldScanner;
import io.tidemark.json.FieldValues;
import io.tidemark.json.MalformedRecordException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A record that has every field that a job reads, for the example of {@code validate}.
 *
 * @param key its key as JSON; null if the job does not read it
 * @param headers texts
 */
record ExampleRecord(ObjectNode value, @Nullable JsonNode key, ObjectNode headers) {
    /** The time of the record: that of the tutorial's reading. */
    static final Instant TIME = Instant.parse("2006-12-23T16:52:00Z");

    private static final BigDecimal NUMBER = new BigDecimal("239.94");
    /** The key of a record whose key is a whole number. */
    private static final long WHOLE = 7;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    static ExampleRecord of(JobSpec job) {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        String timeField = job.input().timestamp().field();
        if (timeField != null) {
            fields.put(timeField, time(job.input().timestamp()));
        }
        job.groupBy()
                .forEach(each -> fields.putIfAbsent(
                        each.field(), JSON.textNode(group(job.output().key()))));
        // A field can be both group and number, or both time and number.
        job.aggregate().stream()
                .filter(each -> each.field() != null && !each.field().equals(timeField))
                .forEach(each -> put(each, fields));
        // What type a plugin takes is not known here; most take numbers.
        job.aggregate().stream()
                .map(AggregationSpec::own)
                .filter(Objects::nonNull)
                .flatMap(each -> each.of().stream())
                .forEach(path -> fields.putIfAbsent(path, JSON.numberNode(NUMBER)));
        for (AggregationSpec each : job.aggregate()) {
            Condition counts = each.options().where();
            if (counts != null) {
                ExampleCondition.put(counts, fields);
            }
        }
        // Last: the record must fulfil it, and an aggregate may count none.
        Condition where = job.where();
        if (where != null) {
            ExampleCondition.put(where, fields);
        }
        ObjectNode value = JSON.objectNode();
        ObjectNode headers = JSON.objectNode();
        ObjectNode keyFields = JSON.objectNode();
        JsonNode key = null;
        for (Map.Entry<String, JsonNode> each : fields.entrySet()) {
            FieldRef ref = FieldRef.of(each.getKey());
            if (ref instanceof FieldRef.Path path) {
                put(value, FieldPath.parse(path.path()).steps(), each.getValue());
            } else if (ref instanceof FieldRef.KeyField path) {
                put(keyFields, FieldPath.parse(path.path()).steps(), each.getValue());
                key = keyFields;
            } else if (ref instanceof FieldRef.Header header) {
                headers.put(header.header(), each.getValue().asText());
            } else if (ref instanceof FieldRef.Key) {
                key = job.input().key() == InputSpec.Key.STRING
                        ? JSON.textNode(each.getValue().asText())
                        : JSON.numberNode(each.getValue().asLong(WHOLE));
            }
        }
        return new ExampleRecord(value, key, headers);
    }

    /** Whether it is more than a value. */
    boolean isMore() {
        return key != null || !headers.isEmpty();
    }

    /** The record as a line of {@code try}. */
    JsonNode json() {
        if (!isMore()) {
            return value;
        }
        ObjectNode json = JSON.objectNode();
        if (key != null) {
            json.set("key", key);
        }
        if (!headers.isEmpty()) {
            json.set("headers", headers);
        }
        return json.set("value", value);
    }

    /** The same record as {@code try} reads it. */
    RecordLine line(InputSpec input) {
        byte[] line = JSON.objectNode()
                .setAll(Map.of("key", key == null ? JSON.nullNode() : key, "headers", headers, "value", value))
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        try {
            return RecordLine.of(line, 0, line.length, input.key());
        } catch (RecordLine.Refused e) {
            throw new IllegalStateException("an example is a line of a record", e);
        }
    }

    /** The value of one of its fields, with the number 0. */
    FieldValues values(FieldRef ref, InputSpec input) throws MalformedRecordException {
        if (ref instanceof FieldRef.Path path) {
            return scanned(path.path(), value);
        }
        if (ref instanceof FieldRef.KeyField path) {
            return scanned(path.path(), key);
        }
        FieldValues values = new FieldValues(List.of(), List.of(ref.text()));
        if (key != null && ref instanceof FieldRef.Key && input.key() == InputSpec.Key.LONG) {
            values.setWhole(0, key.asLong(), new byte[Long.SIZE]);
        } else {
            JsonNode found = ref instanceof FieldRef.Header header ? headers.get(header.header()) : key;
            byte[] text = (found == null ? "" : found.asText()).getBytes(StandardCharsets.UTF_8);
            values.setText(0, text, 0, text.length);
        }
        return values;
    }

    private static FieldValues scanned(String path, @Nullable JsonNode json) throws MalformedRecordException {
        List<FieldPath> fields = List.of(FieldPath.parse(path));
        FieldValues values = new FieldValues(fields);
        byte[] text = String.valueOf(json).getBytes(StandardCharsets.UTF_8);
        new FieldScanner(fields).scan(text, 0, text.length, values);
        return values;
    }

    /** Gives the field of an aggregate a value that it can take; a number that others need is not replaced. */
    private static void put(AggregationSpec aggregate, Map<String, JsonNode> fields) {
        String path = Objects.requireNonNull(aggregate.field(), "a count has no field");
        Integer decimals = aggregate.options().decimal();
        switch (aggregate.function()) {
            case FIRST, LAST, DISTINCT, FREQUENT -> {
                boolean isNumber = decimals != null || aggregate.options().integer();
                fields.putIfAbsent(path, isNumber ? number(aggregate.options()) : JSON.textNode("a"));
            }
            case USE, COUNT, SUM, MEAN, MIN, MAX, VARIANCE, STDDEV, QUANTILE, LARGEST, SMALLEST ->
                fields.put(path, number(aggregate.options()));
        }
    }

    private static JsonNode number(AggregateOptions options) {
        Integer decimals = options.decimal();
        int scale = options.integer() ? 0 : decimals == null ? NUMBER.scale() : Math.min(decimals, NUMBER.scale());
        return JSON.numberNode(NUMBER.setScale(scale, RoundingMode.DOWN));
    }

    /** Returns a text that the key shows without escapes: a letter that is not in the template's own text. */
    private static String group(KeyTemplate template) {
        List<KeyTemplate.Part> parts = template.parts();
        for (char letter = 'a'; letter <= 'z'; letter++) {
            String text = String.valueOf(letter);
            if (parts.stream().noneMatch(part -> !part.isField() && part.text().contains(text))) {
                return text;
            }
        }
        return "7";
    }

    private static JsonNode time(TimestampSpec spec) {
        return spec.match(
                record -> JSON.missingNode(),
                pattern -> JSON.textNode(pattern.formatter().format(TIME.atZone(pattern.zone()))),
                iso -> JSON.textNode(TIME.toString()),
                epoch -> {
                    long number = TIME.getEpochSecond() * epoch.format().perSecond();
                    return epoch.quoted() ? JSON.textNode(String.valueOf(number)) : JSON.numberNode(number);
                });
    }

    /**
     * Sets the value at a path and creates the objects and arrays on the way. Does nothing if another field of the job
     * needs a value of another type there; the engine then says what is missing.
     */
    private static void put(JsonNode root, List<FieldPath.Step> path, JsonNode value) {
        JsonNode at = root;
        for (int i = 0; i < path.size(); i++) {
            FieldPath.Step step = path.get(i);
            boolean last = i == path.size() - 1;
            JsonNode next = last ? value : path.get(i + 1).position() < 0 ? JSON.objectNode() : JSON.arrayNode();
            if (at instanceof ObjectNode object && step.position() < 0) {
                JsonNode old = object.get(step.name());
                at = last || old == null ? next : old;
                object.set(step.name(), at);
            } else if (at instanceof ArrayNode array && step.position() >= 0) {
                while (array.size() <= step.position()) {
                    array.addNull();
                }
                JsonNode old = array.get(step.position());
                at = last || old.isNull() ? next : old;
                array.set(step.position(), at);
            } else {
                return;
            }
        }
    }
}
