package io.tidemark.job;

import static io.tidemark.job.form.Field.field;
import static io.tidemark.job.form.Forms.choice;
import static io.tidemark.job.form.Forms.flag;
import static io.tidemark.job.form.Forms.fraction;
import static io.tidemark.job.form.Forms.list;
import static io.tidemark.job.form.Forms.whole;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.AggregateOptions.Option;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.form.Field;
import io.tidemark.job.form.Form;
import io.tidemark.job.form.Place;
import io.tidemark.job.form.RecordForm;
import io.tidemark.job.form.Schemas;
import io.tidemark.job.form.Spelling;
import io.tidemark.job.form.TextForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The aggregates of a row: {@code { visits: count, voltage: { mean: voltage }, paid: { sum: amount, decimal: 2 } }}. An
 * aggregate is an object with the name of one function, its field, and the options of the function.
 */
final class AggregateForm implements Form<List<AggregationSpec>> {
    private static final Form<Function> FUNCTION = choice(Function.class);
    private static final String ONE = "count or a function of a field, such as { mean: voltage }";
    /** Stands where the field stands, for a count of records. */
    private static final String ALL = "*";

    private static final AggregateOptions NONE = AggregateOptions.NONE;

    /** Names that people know from SQL and other systems. */
    private static final Map<String, String> OTHER_NAMES = Map.ofEntries(
            Map.entry("avg", "mean"),
            Map.entry("average", "mean"),
            Map.entry("total", "sum"),
            Map.entry("minimum", "min"),
            Map.entry("maximum", "max"),
            Map.entry("std", "stddev"),
            Map.entry("var", "variance"),
            Map.entry("median", "{ quantile: …, at: 0.5 }"),
            Map.entry("percentile", "{ quantile: …, at: 0.95 }"),
            Map.entry("countdistinct", "distinct"),
            Map.entry("unique", "distinct"),
            Map.entry("uniq", "distinct"),
            Map.entry("latest", "last"),
            Map.entry("earliest", "first"),
            Map.entry("top", "largest for the largest values, or frequent for the most frequent ones"),
            Map.entry("topk", "largest for the largest values, or frequent for the most frequent ones"));

    /** The table of options. */
    private static final RecordForm<AggregateOptions> OPTIONS = RecordForm.object(
            AggregateOptions.class,
            field("decimal", whole(0, 18)).or(null, "a double").inFingerprint().about("""
                            The numbers are decimals with at most so many decimals and 18 digits, as JSON numbers or in
                            quotes. Nothing is rounded: a number with more decimals is a bad record. Sums are exact; a mean
                            has six decimals or more, and is rounded half up."""),
            field("integer", flag()).or(NONE.integer()).inFingerprint().about("""
                            `true`: the numbers are whole numbers of 64 bits, as JSON numbers or in quotes. Sums are
                            exact, and cannot overflow."""),
            field("population", flag()).or(NONE.population()).inFingerprint().about("""
                            `true`: `variance` and `stddev` are those of a population, divided by the count. Otherwise they
                            are those of a sample, divided by one less, and null for one value."""),
            field("method", choice(AggregateOptions.Method.class))
                    .or(NONE.method())
                    .inFingerprint()
                    .about("""
                            How `distinct` counts. `exact` keeps each different value. `approximate` keeps a sketch
                            (UltraLogLog) of a few kilobytes, however many values there are."""),
            field("limit", whole(1, 1_000_000)).or(NONE.limit()).about("""
                            The most different values of an exact `distinct` in one window and group. Beyond it the
                            partition fails."""),
            field("precision", whole(8, 16))
                    .or(NONE.precision())
                    .inFingerprint()
                    .about("""
                            An approximate `distinct` takes up to two to the power of it bytes for each window and group,
                            and has a standard error of 0.76 / sqrt(2^precision): 1.2 % for 12, 0.3 % for 16."""),
            field("at", fraction(0, 1))
                    .or(null, "required for quantile")
                    .inFingerprint()
                    .about("""
                            Which `quantile`: 0.5 for the median, 0.95 for the value that 95 % of all values do not
                            exceed."""),
            field("error", fraction(0.0005, 0.1))
                    .or(NONE.error())
                    .inFingerprint()
                    .about("""
                            How far a `quantile` may be from the exact value, relative to it. Quantiles of one field and
                            error share their state."""),
            field("k", whole(1, 1_000))
                    .or(null, "required for lists")
                    .inFingerprint()
                    .about("""
                            How many values `largest`, `smallest` and `frequent` give."""),
            field("capacity", whole(1, 10_000))
                    .or(NONE.capacity())
                    .inFingerprint()
                    .about("""
                            How many counters `frequent` keeps. With n records no count is wrong by more than n /
                            (capacity + 1)."""),
            field("absent", choice(AggregateOptions.Absent.class))
                    .or(NONE.absent())
                    .inFingerprint()
                    .about("""
                            What becomes of a record of which the field is missing or null: `bad` makes it a bad record,
                            `skip` leaves it out of this aggregate only. An aggregate without any value is null."""),
            field("where", ConditionParser.FORM)
                    .or(null, "every record counts")
                    .inFingerprint()
                    .about("""
                            Which of the job's records count for this aggregate, as in the job's own `where`. Of the others
                            its field is not read."""));

    private static final Field<String> USE = field(
                    "use",
                    TextForm.text(
                            "[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+",
                            "the name of an aggregate of a plugin, which has a dot, such as acme.centroid"))
            .inFingerprint()
            .about("""
                            An aggregate of your own, by the name that its plugin gives it. The workers need the plugin
                            (`worker --plugins`).""");
    private static final Field<List<String>> OF = field(
                    "of", list(FieldRefForm.FORM, "a list of fields, such as [lat, lon]"))
            .or(List.of(), "no field")
            .inFingerprint()
            .about("""
                            The fields that an aggregate of your own takes from each record, in the order of the plugin.
                            With `absent: skip` a record that lacks one of them does not count for it.""");
    private static final Field<Map<String, Object>> OWN_OPTIONS = field(
                    "options", (Form<Map<String, Object>>) new OwnOptionsForm())
            .or(Map.of(), "none")
            .inFingerprint()
            .about("""
                            Options of an aggregate of your own: texts, numbers and booleans that only the plugin
                            understands.""");
    private static final List<Field<?>> OWN = List.of(USE, OF, OWN_OPTIONS);

    @Override
    public List<AggregationSpec> read(JsonNode json, Place place) {
        if (!fits(json)) {
            throw place.unexpected(expected(), json);
        }
        List<AggregationSpec> aggregates = new ArrayList<>();
        for (Map.Entry<String, JsonNode> each : json.properties()) {
            aggregates.add(read(each.getKey(), each.getValue(), place.at(each.getKey())));
        }
        return List.copyOf(aggregates);
    }

    private static AggregationSpec read(String name, JsonNode json, Place place) {
        if (json.isTextual()) {
            if (!FUNCTION.fits(json)) {
                throw place.refuse(place.unexpected(ONE, json).problem() + hint(json.textValue()));
            }
            return new AggregationSpec(name, FUNCTION.read(json, place), null);
        }
        if (!json.isObject() || json.isEmpty()) {
            throw place.unexpected(ONE, json);
        }
        Function function = function(json, place);
        ObjectNode options = json.deepCopy();
        JsonNode field = options.remove(function.jsonName());
        if (function == Function.USE) {
            OWN.forEach(each -> options.remove(each.name()));
            return new AggregationSpec(name, function, null, OPTIONS.read(options, place), own(json, place));
        }
        AggregateOptions read = OPTIONS.read(options, place);
        if (function == Function.COUNT) {
            if (!field.asText().equals(ALL)) {
                throw place.at("count")
                        .refuse("counts records and takes no field; write '*', and where: for a condition");
            }
            return new AggregationSpec(name, function, null, read);
        }
        return new AggregationSpec(name, function, FieldRefForm.FORM.read(field, place.at(function.jsonName())), read);
    }

    private static OwnAggregate own(JsonNode json, Place place) {
        return new OwnAggregate(
                Objects.requireNonNull(USE.read(json, place), "it is required"),
                Objects.requireNonNull(OF.read(json, place), "it has a default"),
                Objects.requireNonNull(OWN_OPTIONS.read(json, place), "it has a default"),
                null);
    }

    /** The only name of a function among the fields of an aggregate. */
    private static Function function(JsonNode json, Place place) {
        List<Function> found = Arrays.stream(Function.values())
                .filter(each -> json.has(each.jsonName()))
                .toList();
        if (found.size() > 1) {
            throw place.refuse("has two functions, " + found.get(0).jsonName() + " and "
                    + found.get(1).jsonName() + "; write an aggregate for each");
        }
        if (found.isEmpty()) {
            List<String> options =
                    Arrays.stream(Option.values()).map(Option::jsonName).toList();
            String unknown = json.properties().stream()
                    .map(Map.Entry::getKey)
                    .filter(each -> !options.contains(each))
                    .findFirst()
                    .orElse("");
            if (unknown.isEmpty()) {
                throw place.refuse("has no function; write one of " + names());
            }
            throw place.at(unknown).refuse("is no function" + hint(unknown));
        }
        return found.get(0);
    }

    private static String hint(String unknown) {
        String other = OTHER_NAMES.get(unknown.toLowerCase(Locale.ROOT).replace("_", ""));
        if (other != null) {
            return "; write " + other;
        }
        List<String> known = functions().toList();
        String hint = Spelling.hint(unknown, known);
        return hint.isEmpty() ? "; known are " + names() : hint;
    }

    private static Stream<String> functions() {
        return Arrays.stream(Function.values()).map(Function::jsonName);
    }

    private static String names() {
        return functions().collect(Collectors.joining(", "));
    }

    @Override
    public JsonNode write(List<AggregationSpec> aggregates, Use use) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (AggregationSpec each : aggregates) {
            String function = each.function().jsonName();
            JsonNode options = OPTIONS.write(each.options(), use);
            OwnAggregate own = each.own();
            if (own != null) {
                ObjectNode one = json.putObject(each.name());
                USE.write(own.use(), one, use);
                OF.write(own.of(), one, use);
                OWN_OPTIONS.write(own.options(), one, use);
                one.setAll((ObjectNode) options);
            } else if (each.field() == null && options.isEmpty()) {
                json.put(each.name(), function);
            } else {
                ObjectNode one = json.putObject(each.name());
                String field = each.field();
                one.set(function, field == null ? one.textNode(ALL) : FieldRefForm.FORM.write(field, use));
                one.setAll((ObjectNode) options);
            }
        }
        return json;
    }

    @Override
    public boolean fits(JsonNode json) {
        return json.isObject() && !json.isEmpty();
    }

    @Override
    public String expected() {
        return "one value or more, such as { visits: count, voltage: { mean: voltage } }";
    }

    @Override
    public List<Field<?>> children() {
        return Stream.concat(OPTIONS.children().stream(), OWN.stream()).toList();
    }

    @Override
    public String childrenAt() {
        return "<name>.";
    }

    @Override
    public List<ObjectNode> alternatives() {
        List<ObjectNode> ways = new ArrayList<>();
        ways.add(Schemas.constant(Function.COUNT.jsonName()));
        for (Function each : Function.values()) {
            ObjectNode way = Schemas.type("object");
            ObjectNode properties = way.putObject("properties");
            if (each == Function.USE) {
                OWN.forEach(one -> properties.set(one.name(), one.schema()));
            } else {
                properties.set(
                        each.jsonName(), each == Function.COUNT ? Schemas.constant(ALL) : FieldRefForm.FORM.schema());
            }
            OPTIONS.children().stream()
                    .filter(option -> each.options().stream()
                            .anyMatch(known -> known.jsonName().equals(option.name())))
                    .forEach(option -> properties.set(option.name(), option.schema()));
            way.putArray("required").add(each.jsonName());
            ways.add(way.put("additionalProperties", false));
        }
        return List.of(Schemas.named(Schemas.oneOf(ways)));
    }
}
