package io.tidemark.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.BadRecordSpec.Policy;
import io.tidemark.job.InputSpec.DataLoss;
import io.tidemark.job.InputSpec.OpenTransactions;
import io.tidemark.job.JobSpec.Overlap;
import io.tidemark.job.WindowSpec.Unit;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The one schema of a job, between JSON and {@link JobSpec}. Fields that it does not know are refused, so that a typing
 * error cannot become a default.
 */
public final class JobCodec {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,18})(ms|s|m|h|d)");

    private JobCodec() {}

    /**
     * Reads a job.
     *
     * @throws InvalidJobException naming the first field that is wrong
     */
    public static JobSpec read(JsonNode json) {
        Fields job = Fields.of("", json);
        String name = job.text("name");
        WindowSpec window = window(job.require("window"), "window");
        JobSpec spec = new JobSpec(
                name,
                input(job.object("input")),
                window,
                groupBy(job.optional("groupBy")),
                aggregations(job.object("aggregate")),
                output(job.object("output")),
                start(job.optional("start"), name),
                job.choice("overlap", Overlap.values(), each -> each.name().toLowerCase(Locale.ROOT), Overlap.REFUSE),
                (int) job.number("partitionsPerSlice", 1, Integer.MAX_VALUE),
                badRecords(job.optional("badRecords")),
                limits(job.optional("limits")),
                budget(job.optional("budget")));
        job.refuseOthers();
        return spec;
    }

    /**
     * Writes a job with every default spelled out, but for what has no end by default; always in the same order.
     * {@link #read} gives the same job back.
     */
    public static ObjectNode write(JobSpec job) {
        ObjectNode json = meaning(job);
        json.withObject("/input")
                .put("dataLoss", job.input().dataLoss().jsonName())
                .put("openTransactions", job.input().openTransactions().jsonName());
        json.set("start", start(job.start()));
        json.put("overlap", job.overlap().name().toLowerCase(Locale.ROOT));
        json.withObject("/output").put("grow", job.output().grow());
        json.withObject("/badRecords").put("limit", job.badRecords().limit());
        RunLimits limits = job.limits();
        ObjectNode limitsJson = json.putObject("limits");
        if (limits.offsetsPerRun() != Long.MAX_VALUE) {
            limitsJson.put("offsetsPerRun", limits.offsetsPerRun());
        }
        limitsJson
                .put("offsetsPerPiece", limits.offsetsPerPiece())
                .put("offsetsPerSplit", limits.offsetsPerSplit())
                .put("slicesInFlight", limits.slicesInFlight())
                .put("cells", limits.cells())
                .put("time", text(limits.time()))
                .put("heartbeat", text(limits.heartbeat()))
                .put("hostTimeout", text(limits.hostTimeout()));
        if (!job.budget().equals(RunBudget.NONE)) {
            json.set("budget", budget(job.budget()));
        }
        return json;
    }

    private static JsonNode budget(RunBudget budget) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (budget.records() != Long.MAX_VALUE) {
            json.put("records", budget.records());
        }
        if (budget.bytes() != Long.MAX_VALUE) {
            json.put("bytes", budget.bytes());
        }
        Duration time = budget.time();
        if (time != null) {
            json.put("time", text(time));
        }
        return json;
    }

    /**
     * What gives the stored totals their meaning, in the same form: topics, time, windows, groups, aggregates, keys, the
     * fate of bad records and the layout of slices. A job may change in all else between runs; see
     * {@link JobFingerprint}.
     */
    static ObjectNode meaning(JobSpec job) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", job.name());
        ObjectNode input = json.putObject("input");
        input.put("topic", job.input().topic());
        input.set("timestamp", timestamp(job.input().timestamp()));
        json.set("window", window(job.window()));
        job.groupBy().forEach(json.putArray("groupBy")::add);
        ObjectNode aggregate = json.putObject("aggregate");
        for (AggregationSpec each : job.aggregate()) {
            if (each.field() == null) {
                aggregate.put(each.name(), each.function().jsonName());
            } else {
                aggregate.putObject(each.name()).put(each.function().jsonName(), each.field());
            }
        }
        ObjectNode output = json.putObject("output").put("topic", job.output().topic());
        if (job.output().key().text() != null) {
            output.put("key", job.output().key().text());
        }
        json.put("partitionsPerSlice", job.partitionsPerSlice());
        json.putObject("badRecords").put("policy", job.badRecords().policy().jsonName());
        return json;
    }

    private static InputSpec input(Fields input) {
        InputSpec spec = new InputSpec(
                input.text("topic"),
                timestamp(input.optional("timestamp"), input.path("timestamp")),
                input.choice("dataLoss", DataLoss.values(), DataLoss::jsonName, DataLoss.FAIL),
                input.choice(
                        "openTransactions",
                        OpenTransactions.values(),
                        OpenTransactions::jsonName,
                        OpenTransactions.PROCEED));
        input.refuseOthers();
        return spec;
    }

    private static TimestampSpec timestamp(@Nullable JsonNode json, String path) {
        if (json == null || (json.isTextual() && json.textValue().equals("record"))) {
            return new TimestampSpec.RecordTime();
        }
        if (!json.isObject()) {
            throw new InvalidJobException(path, "write record, or { field: …, pattern: … } or { field: …, format: … }");
        }
        Fields fields = Fields.of(path, json);
        String field = fields.text("field");
        ZoneId zone = zone(fields);
        boolean zoned = fields.optional("zone") != null;
        TimestampSpec spec;
        if (fields.optional("pattern") != null) {
            spec = new TimestampSpec.Pattern(field, fields.text("pattern"), zone);
        } else {
            String format = fields.text("format");
            spec = switch (format) {
                case "iso" -> new TimestampSpec.Iso(field, zone);
                case "epochSeconds" -> new TimestampSpec.EpochSeconds(field);
                case "epochMillis" -> new TimestampSpec.EpochMillis(field);
                default ->
                    throw new InvalidJobException(
                            fields.path("format"), "'" + format + "' is not one of iso, epochSeconds, epochMillis");
            };
            if (zoned && !(spec instanceof TimestampSpec.Iso)) {
                throw new InvalidJobException(fields.path("zone"), "has no meaning for " + format);
            }
        }
        fields.refuseOthers();
        return spec;
    }

    private static JsonNode timestamp(TimestampSpec spec) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (spec instanceof TimestampSpec.Pattern pattern) {
            return json.put("field", pattern.field())
                    .put("pattern", pattern.pattern())
                    .put("zone", text(pattern.zone()));
        } else if (spec instanceof TimestampSpec.Iso iso) {
            return json.put("field", iso.field()).put("format", "iso").put("zone", text(iso.zone()));
        } else if (spec instanceof TimestampSpec.EpochSeconds seconds) {
            return json.put("field", seconds.field()).put("format", "epochSeconds");
        } else if (spec instanceof TimestampSpec.EpochMillis millis) {
            return json.put("field", millis.field()).put("format", "epochMillis");
        }
        return JsonNodeFactory.instance.textNode("record");
    }

    private static WindowSpec window(JsonNode json, String path) {
        if (json.isTextual() && json.textValue().equals("none")) {
            return new WindowSpec.None();
        }
        if (json.isTextual()) {
            return window(json.textValue(), null, path);
        }
        Fields fields = Fields.of(path, json);
        WindowSpec spec = window(
                fields.text("every"), fields.optional("zone") == null ? null : zone(fields), fields.path("every"));
        fields.refuseOthers();
        return spec;
    }

    private static WindowSpec window(String every, @Nullable ZoneId zone, String path) {
        for (Unit unit : Unit.values()) {
            if (unit.jsonName().equals(every)) {
                return new WindowSpec.Calendar(unit, zone == null ? ZoneOffset.UTC : zone);
            }
        }
        if (zone != null) {
            throw new InvalidJobException(
                    path, "a zone goes with hour, day, week and month; '" + every + "' is none of them");
        }
        return new WindowSpec.Tumbling(
                duration(every, path, "hour, day, week, month, none, or a duration such as 15m"));
    }

    private static JsonNode window(WindowSpec spec) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (spec instanceof WindowSpec.Calendar calendar) {
            return json.put("every", calendar.unit().jsonName()).put("zone", text(calendar.zone()));
        } else if (spec instanceof WindowSpec.Tumbling tumbling) {
            return json.put("every", text(tumbling.every()));
        }
        return JsonNodeFactory.instance.textNode("none");
    }

    private static List<String> groupBy(@Nullable JsonNode json) {
        List<String> paths = new ArrayList<>();
        if (json == null) {
            return paths;
        }
        if (!json.isArray()) {
            throw new InvalidJobException("groupBy", "is not a list of fields, such as [channel, meter.id]");
        }
        for (int i = 0; i < json.size(); i++) {
            if (!json.get(i).isTextual()) {
                throw new InvalidJobException("groupBy[" + i + "]", "is not the name of a field");
            }
            paths.add(json.get(i).textValue());
        }
        return paths;
    }

    private static List<AggregationSpec> aggregations(Fields aggregate) {
        List<AggregationSpec> specs = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : aggregate.json().properties()) {
            String name = entry.getKey();
            JsonNode value = entry.getValue();
            String path = aggregate.path(name);
            if (value.isTextual()) {
                specs.add(new AggregationSpec(name, function(value.textValue(), path), null));
            } else if (value.isObject() && value.size() == 1) {
                Map.Entry<String, JsonNode> only = value.properties().iterator().next();
                if (!only.getValue().isTextual()) {
                    throw new InvalidJobException(path + "." + only.getKey(), "is not the name of a field");
                }
                specs.add(new AggregationSpec(
                        name, function(only.getKey(), path), only.getValue().textValue()));
            } else {
                throw new InvalidJobException(
                        path, "is not a function of a field, such as { mean: voltage }, or count");
            }
        }
        return specs;
    }

    private static Function function(String name, String path) {
        for (Function each : Function.values()) {
            if (each.jsonName().equals(name)) {
                return each;
            }
        }
        throw new InvalidJobException(
                path, "'" + name + "' is not one of " + names(Function.values(), Function::jsonName));
    }

    private static OutputSpec output(Fields output) {
        JsonNode key = output.optional("key");
        OutputSpec spec = new OutputSpec(
                output.text("topic"),
                key == null ? KeyTemplate.JSON : new KeyTemplate(output.text("key")),
                output.flag("grow"));
        output.refuseOthers();
        return spec;
    }

    private static StartSpec start(@Nullable JsonNode json, String job) {
        if (json != null && json.isObject()) {
            Fields fields = Fields.of("start", json);
            StartSpec spec = new StartSpec.GroupOffsets(fields.text("group"));
            fields.refuseOthers();
            return spec;
        }
        String text = json == null ? "earliest" : json.asText();
        return switch (text) {
            case "earliest" -> new StartSpec.Earliest();
            case "latest" -> new StartSpec.Latest();
            case "group" -> new StartSpec.GroupOffsets(JobNames.group(job));
            default -> {
                try {
                    yield new StartSpec.At(Instant.parse(text));
                } catch (DateTimeException e) {
                    throw new InvalidJobException(
                            "start",
                            "'" + text + "' is not earliest, latest, group, { group: name } or a time such as"
                                    + " 2026-11-01T00:00:00Z");
                }
            }
        };
    }

    private static JsonNode start(StartSpec spec) {
        if (spec instanceof StartSpec.GroupOffsets offsets) {
            return JsonNodeFactory.instance.objectNode().put("group", offsets.group());
        }
        return JsonNodeFactory.instance.textNode(
                spec instanceof StartSpec.At time
                        ? time.at().toString()
                        : spec instanceof StartSpec.Latest ? "latest" : "earliest");
    }

    private static BadRecordSpec badRecords(@Nullable JsonNode json) {
        if (json == null) {
            return new BadRecordSpec(Policy.DEAD_LETTER, BadRecordSpec.DEFAULT_LIMIT);
        }
        ObjectNode object = json.isTextual()
                ? JsonNodeFactory.instance.objectNode().put("policy", json.textValue())
                : (ObjectNode) Fields.of("badRecords", json).json();
        Fields fields = Fields.of("badRecords", object);
        BadRecordSpec spec = new BadRecordSpec(
                fields.choice("policy", Policy.values(), Policy::jsonName, Policy.DEAD_LETTER),
                fields.number("limit", BadRecordSpec.DEFAULT_LIMIT, Long.MAX_VALUE));
        fields.refuseOthers();
        return spec;
    }

    private static RunLimits limits(@Nullable JsonNode json) {
        RunLimits preset = RunLimits.DEFAULT;
        if (json == null) {
            return preset;
        }
        Fields fields = Fields.of("limits", json);
        RunLimits limits = new RunLimits(
                fields.number("offsetsPerRun", preset.offsetsPerRun(), Long.MAX_VALUE),
                fields.number("offsetsPerPiece", preset.offsetsPerPiece(), Long.MAX_VALUE),
                fields.number("offsetsPerSplit", preset.offsetsPerSplit(), Long.MAX_VALUE),
                (int) fields.number("slicesInFlight", preset.slicesInFlight(), Integer.MAX_VALUE),
                (int) fields.number("cells", preset.cells(), Integer.MAX_VALUE),
                fields.duration("time", preset.time()),
                fields.duration("heartbeat", preset.heartbeat()),
                fields.duration("hostTimeout", preset.hostTimeout()));
        fields.refuseOthers();
        return limits;
    }

    private static RunBudget budget(@Nullable JsonNode json) {
        if (json == null) {
            return RunBudget.NONE;
        }
        Fields fields = Fields.of("budget", json);
        RunBudget budget = new RunBudget(
                fields.number("records", Long.MAX_VALUE, Long.MAX_VALUE),
                fields.number("bytes", Long.MAX_VALUE, Long.MAX_VALUE),
                fields.optional("time") == null ? null : fields.duration("time", Duration.ZERO));
        fields.refuseOthers();
        return budget;
    }

    private static ZoneId zone(Fields fields) {
        if (fields.optional("zone") == null) {
            return ZoneOffset.UTC;
        }
        String zone = fields.text("zone");
        try {
            return ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw new InvalidJobException(
                    fields.path("zone"), "'" + zone + "' is not a time zone such as UTC or Europe/Berlin");
        }
    }

    /** The name that a person would write: UTC, not Z. */
    private static String text(ZoneId zone) {
        return zone.equals(ZoneOffset.UTC) ? "UTC" : zone.getId();
    }

    private static Duration duration(String text, String path, String expected) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new InvalidJobException(path, "'" + text + "' is not " + expected);
        }
        long amount = Long.parseLong(matcher.group(1));
        try {
            return Duration.ofMillis(
                    switch (matcher.group(2)) {
                        case "ms" -> amount;
                        case "s" -> Math.multiplyExact(amount, 1_000L);
                        case "m" -> Math.multiplyExact(amount, 60_000L);
                        case "h" -> Math.multiplyExact(amount, 3_600_000L);
                        default -> Math.multiplyExact(amount, 86_400_000L);
                    });
        } catch (ArithmeticException e) {
            throw new InvalidJobException(path, "'" + text + "' is longer than anyone will wait");
        }
    }

    /** A duration as a job file has it, in its shortest form: 15m, not 900s. */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        return seconds % 86_400 == 0
                ? seconds / 86_400 + "d"
                : seconds % 3_600 == 0 ? seconds / 3_600 + "h" : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    private static <E> String names(E[] values, java.util.function.Function<E, String> name) {
        return String.join(", ", Arrays.stream(values).map(name).toList());
    }

    /** One object of the job, and which of its fields have been asked for. */
    private record Fields(String where, JsonNode json, TreeSet<String> asked) {

        static Fields of(String where, JsonNode json) {
            if (!json.isObject()) {
                throw new InvalidJobException(
                        where,
                        (where.isEmpty() ? "a job is an object of fields, not " : "is not an object but ")
                                + json.getNodeType().name().toLowerCase(Locale.ROOT));
            }
            return new Fields(where, json, new TreeSet<>());
        }

        String path(String field) {
            return where.isEmpty() ? field : where + "." + field;
        }

        @Nullable
        JsonNode optional(String field) {
            asked.add(field);
            JsonNode value = json.get(field);
            return value == null || value.isNull() ? null : value;
        }

        JsonNode require(String field) {
            JsonNode value = optional(field);
            if (value == null) {
                throw new InvalidJobException(path(field), "is missing");
            }
            return value;
        }

        Fields object(String field) {
            return of(path(field), require(field));
        }

        String text(String field) {
            JsonNode value = require(field);
            if (!value.isTextual()) {
                throw new InvalidJobException(path(field), "is not a text");
            }
            return value.textValue();
        }

        boolean flag(String field) {
            JsonNode value = optional(field);
            if (value != null && !value.isBoolean()) {
                throw new InvalidJobException(path(field), "is not true or false");
            }
            return value != null && value.booleanValue();
        }

        long number(String field, long preset, long most) {
            JsonNode value = optional(field);
            if (value == null) {
                return preset;
            }
            long number = value.isIntegralNumber() && value.canConvertToLong() ? value.longValue() : -1;
            if (number < 0 || number > most) {
                throw new InvalidJobException(path(field), "is not a whole number from 0 to " + most);
            }
            return number;
        }

        Duration duration(String field, Duration preset) {
            return optional(field) == null
                    ? preset
                    : JobCodec.duration(text(field), path(field), "a duration such as 90s, 15m or 2h");
        }

        <E> E choice(String field, E[] values, java.util.function.Function<E, String> name, E preset) {
            if (optional(field) == null) {
                return preset;
            }
            String text = text(field);
            for (E each : values) {
                if (name.apply(each).equals(text)) {
                    return each;
                }
            }
            throw new InvalidJobException(path(field), "'" + text + "' is not one of " + names(values, name));
        }

        void refuseOthers() {
            for (Map.Entry<String, JsonNode> entry : json.properties()) {
                if (!asked.contains(entry.getKey())) {
                    throw new InvalidJobException(
                            path(entry.getKey()), "is not known here; there are " + String.join(", ", asked));
                }
            }
        }
    }
}
