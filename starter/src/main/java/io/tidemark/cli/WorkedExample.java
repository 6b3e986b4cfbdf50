package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.AggregationSpec;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.JobSpec;
import io.tidemark.job.KeyTemplate;
import io.tidemark.job.TimestampSpec;
import io.tidemark.job.WindowSpec;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One record that a job can read, and the row that it becomes: what a job means, at a glance.
 *
 * @param record the value of the record
 * @param key the key of the row
 * @param row the value of the row
 */
record WorkedExample(JsonNode record, String key, ObjectNode row) {
    /** The tutorial's reading. */
    static final Instant TIME = Instant.parse("2006-12-23T16:52:00Z");

    private static final double NUMBER = 239.94;
    private static final Pattern SEGMENT = Pattern.compile("([^.\\[\\]]+)|\\[(\\d+)]");

    static WorkedExample of(JobSpec job) {
        String group = group(job.output().key());
        JsonNode record = JsonNodeFactory.instance.objectNode();
        time(job.input().timestamp(), record);
        job.groupBy().forEach(path -> put(record, path, JsonNodeFactory.instance.textNode(group)));

        ObjectNode identity = JsonNodeFactory.instance.objectNode();
        String window = window(job.window());
        if (!window.isEmpty()) {
            identity.put(job.window().fieldName(), window);
        }
        job.groupBy().forEach(path -> identity.put(path, group));
        ObjectNode row = identity.deepCopy();
        for (AggregationSpec each : job.aggregate()) {
            String field = each.field();
            if (field != null) {
                put(record, field, JsonNodeFactory.instance.numberNode(NUMBER));
            }
            if (each.function() == Function.COUNT) {
                row.put(each.name(), 1);
            } else {
                row.put(each.name(), NUMBER);
            }
        }
        return new WorkedExample(record, key(job.output().key(), identity), row);
    }

    private static String key(KeyTemplate template, ObjectNode identity) {
        if (template.text() == null) {
            return identity.toString();
        }
        StringBuilder key = new StringBuilder();
        for (KeyTemplate.Part part : template.parts()) {
            key.append(part.isField() ? identity.path(part.text()).asText() : part.text());
        }
        return key.toString();
    }

    /** A value that the template has no reason to escape: a letter that is not in its own text. */
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

    private static void time(TimestampSpec spec, JsonNode record) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        JsonNode time = spec.match(
                none -> json.missingNode(),
                pattern -> json.textNode(pattern.formatter().format(TIME.atZone(pattern.zone()))),
                iso -> json.textNode(TIME.toString()),
                seconds -> json.numberNode(TIME.getEpochSecond()),
                millis -> json.numberNode(TIME.toEpochMilli()));
        String field = spec.field();
        if (field != null) {
            put(record, field, time);
        }
    }

    private static String window(WindowSpec spec) {
        return spec.match(
                WorkedExample::calendar,
                tumbling -> {
                    long millis = TIME.toEpochMilli();
                    return Instant.ofEpochMilli(millis
                                    - Math.floorMod(millis, tumbling.every().toMillis()))
                            .toString();
                },
                none -> "");
    }

    private static String calendar(WindowSpec.Calendar calendar) {
        ZonedDateTime time = TIME.atZone(calendar.zone());
        return switch (calendar.every()) {
            case HOUR -> time.truncatedTo(ChronoUnit.HOURS).toOffsetDateTime().toString();
            case DAY -> time.toLocalDate().toString();
            case WEEK ->
                "%04d-W%02d"
                        .formatted(time.get(IsoFields.WEEK_BASED_YEAR), time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case MONTH -> time.toLocalDate().toString().substring(0, 7);
        };
    }

    /** Puts a value where a path such as {@code meter.readings[0].v} leads, and makes what is missing on the way. */
    private static void put(JsonNode root, String path, JsonNode value) {
        List<Matcher> segments = SEGMENT.matcher(path)
                .results()
                .map(each -> {
                    Matcher segment = SEGMENT.matcher(each.group());
                    segment.matches();
                    return segment;
                })
                .toList();
        JsonNode at = root;
        for (int i = 0; i < segments.size(); i++) {
            boolean last = i == segments.size() - 1;
            JsonNode next = last
                    ? value
                    : segments.get(i + 1).group(2) == null
                            ? JsonNodeFactory.instance.objectNode()
                            : JsonNodeFactory.instance.arrayNode();
            String name = segments.get(i).group(1);
            if (at instanceof ObjectNode object && name != null) {
                JsonNode old = object.get(name);
                at = last || old == null ? next : old;
                object.set(name, at);
            } else if (at instanceof ArrayNode array && name == null) {
                int index = Math.min(Integer.parseInt(segments.get(i).group(2)), 9);
                while (array.size() <= index) {
                    array.addNull();
                }
                JsonNode old = array.get(index);
                at = last || old.isNull() ? next : old;
                array.set(index, at);
            } else {
                return;
            }
        }
    }
}
