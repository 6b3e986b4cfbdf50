package io.tidemark.job;

import io.tidemark.job.Condition.FieldsAre;
import io.tidemark.job.Condition.Visitor;
import io.tidemark.job.form.InvalidJobException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the fields of a condition and the type that each must have. A field that is used as two types is refused, because
 * every record would be a bad record or would be filtered for the wrong reason.
 */
final class ConditionTypes implements Visitor<ConditionTypes> {
    /** The type of a field. */
    enum Type {
        NUMBER("a number"),
        TEXT("a text"),
        FLAG("true or false");

        private final String text;

        Type(String text) {
            this.text = text;
        }
    }

    private final Set<String> paths = new LinkedHashSet<>();
    private final Map<String, Type> types = new TreeMap<>();
    /** The types of the fields that have the same one in every record. */
    private final Map<String, Type> fixed = new TreeMap<>();
    /** What in the job asks for the type. */
    private final Map<String, String> askers = new TreeMap<>();

    private final List<FieldsAre> pairs = new ArrayList<>();

    /** The field of the job that has the condition. */
    private String place = "where";

    private ConditionTypes() {}

    /** The fields of a condition, each once, in their order. */
    static List<String> paths(Condition condition) {
        ConditionTypes found = new ConditionTypes();
        condition.accept(found);
        return List.copyOf(found.paths);
    }

    /**
     * Checks that each field is used as one type, by the conditions of the job and of its aggregates.
     *
     * @throws InvalidJobException if one is not
     */
    static void check(@Nullable Condition where, InputSpec input, List<AggregationSpec> aggregate) {
        ConditionTypes found = new ConditionTypes();
        TimestampSpec time = input.timestamp();
        String timePath = time.field();
        // Numbers in quotes are of no single type.
        if (timePath != null && !(FieldUse.type(FieldRef.of(timePath), input) == Type.TEXT)) {
            Type type = time.match(record -> Type.NUMBER, pattern -> Type.TEXT, iso -> Type.TEXT, epoch -> Type.NUMBER);
            found.use(timePath, type, "input.timestamp");
        }
        for (AggregationSpec each : aggregate) {
            String path = each.field();
            if (path != null && each.readsDoubles()) {
                found.use(path, Type.NUMBER, "aggregate." + each.name());
            }
        }
        if (where != null) {
            found.check(where, input);
        }
        for (AggregationSpec each : aggregate) {
            Condition own = each.options().where();
            if (own != null) {
                found.place = "aggregate." + each.name() + ".where";
                found.check(own, input);
            }
        }
    }

    private void check(Condition condition, InputSpec input) {
        for (String each : condition.paths()) {
            Type type = FieldUse.type(FieldRef.of(each), input);
            if (type != null) {
                fixed.put(each, type);
                use(each, type, place);
            }
        }
        condition.accept(this);
        checkPairs();
    }

    /** The types, by path; a field of which only the presence is asked has none. */
    static Map<String, Type> types(Condition condition) {
        ConditionTypes found = new ConditionTypes();
        condition.accept(found);
        found.checkPairs();
        return found.types;
    }

    private void checkPairs() {
        // A type passes through at most as many pairs as there are.
        for (int i = 0; i <= pairs.size(); i++) {
            for (FieldsAre pair : pairs) {
                pass(pair.path(), pair.other());
                pass(pair.other(), pair.path());
            }
        }
        for (FieldsAre pair : pairs) {
            if (types.get(pair.path()) == Type.FLAG && !pair.order().isEquality()) {
                throw new InvalidJobException(
                        place,
                        "orders " + pair.path() + " and " + pair.other() + " by '"
                                + pair.order().symbol()
                                + "', but they are true or false; compare them by '==' or '!='");
            }
        }
    }

    private void pass(String from, String to) {
        Type type = types.get(from);
        if (type != null) {
            use(to, type, place + ", which compares it with " + from + ",");
        }
    }

    private void use(String path, Type type, String asker) {
        Type always = fixed.get(path);
        if (always != null && always != type) {
            throw new InvalidJobException(
                    "where", "uses " + ConditionText.field(path) + " as " + type.text + ", but it is " + always.text);
        }
        Type before = types.putIfAbsent(path, type);
        String other = askers.putIfAbsent(path, asker);
        if (before != null && before != type) {
            throw new InvalidJobException(
                    place,
                    other == null || other.equals(asker)
                            ? "uses " + ConditionText.field(path) + " as " + before.text + " and as " + type.text
                                    + "; a field has one type, and a record with another one is a bad record"
                            : "uses " + ConditionText.field(path) + " as " + type.text + ", but " + other + " needs "
                                    + before.text + " there");
        }
    }

    private ConditionTypes field(String path, @Nullable Type type) {
        paths.add(path);
        if (type != null) {
            use(path, type, place);
        }
        return this;
    }

    private ConditionTypes each(List<Condition> parts) {
        parts.forEach(part -> part.accept(this));
        return this;
    }

    @Override
    public ConditionTypes all(Condition.All condition) {
        return each(condition.parts());
    }

    @Override
    public ConditionTypes any(Condition.Any condition) {
        return each(condition.parts());
    }

    @Override
    public ConditionTypes not(Condition.Not condition) {
        return condition.part().accept(this);
    }

    @Override
    public ConditionTypes has(Condition.Has condition) {
        return field(condition.path(), null);
    }

    @Override
    public ConditionTypes isTrue(Condition.IsTrue condition) {
        return field(condition.path(), Type.FLAG);
    }

    @Override
    public ConditionTypes isNull(Condition.IsNull condition) {
        return field(condition.path(), null);
    }

    @Override
    public ConditionTypes number(Condition.NumberIs condition) {
        return field(condition.path(), Type.NUMBER);
    }

    @Override
    public ConditionTypes text(Condition.TextIs condition) {
        return field(condition.path(), Type.TEXT);
    }

    @Override
    public ConditionTypes fields(FieldsAre condition) {
        pairs.add(condition);
        field(condition.path(), null);
        return field(condition.other(), null);
    }

    @Override
    public ConditionTypes numberIn(Condition.NumberIn condition) {
        return field(condition.path(), Type.NUMBER);
    }

    @Override
    public ConditionTypes textIn(Condition.TextIn condition) {
        return field(condition.path(), Type.TEXT);
    }

    @Override
    public ConditionTypes textHas(Condition.TextHas condition) {
        return field(condition.path(), Type.TEXT);
    }
}
