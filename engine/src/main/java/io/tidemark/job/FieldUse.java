package io.tidemark.job;

import io.tidemark.job.ConditionTypes.Type;
import io.tidemark.job.FieldRef.Key;
import io.tidemark.job.FieldRef.KeyField;
import io.tidemark.job.form.InvalidJobException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which fields of a record a job reads, and where in the job it says so. */
final class FieldUse {
    /** From the text of a reference to the first place in the job that has it. */
    private final Map<String, String> places = new LinkedHashMap<>();

    private FieldUse() {}

    static FieldUse of(
            InputSpec input, @Nullable Condition where, List<GroupField> groupBy, List<AggregationSpec> aggregate) {
        FieldUse use = new FieldUse();
        if (where != null) {
            where.paths().forEach(path -> use.add(path, "where"));
        }
        use.add(input.timestamp().field(), "input.timestamp.field");
        for (int i = 0; i < groupBy.size(); i++) {
            use.add(groupBy.get(i).field(), "groupBy[" + i + "]");
        }
        for (AggregationSpec each : aggregate) {
            use.add(each.field(), "aggregate." + each.name());
            if (each.own() != null) {
                each.own().of().forEach(path -> use.add(path, "aggregate." + each.name() + ".of"));
            }
            Condition own = each.options().where();
            if (own != null) {
                own.paths().forEach(path -> use.add(path, "aggregate." + each.name() + ".where"));
            }
        }
        return use;
    }

    private void add(@Nullable String field, String place) {
        if (field != null) {
            places.putIfAbsent(field, place);
        }
    }

    /** The texts of the references, each once. */
    List<String> fields() {
        return List.copyOf(places.keySet());
    }

    /**
     * Checks that the job reads the key as {@code input.key} says.
     *
     * @throws InvalidJobException if it does not, or if it does not read the key at all
     */
    void check(InputSpec input, List<AggregationSpec> aggregate) {
        boolean readsKey = false;
        for (Map.Entry<String, String> each : places.entrySet()) {
            FieldRef ref = FieldRef.of(each.getKey());
            if (ref instanceof KeyField && input.key() != InputSpec.Key.JSON) {
                throw new InvalidJobException(
                        each.getValue(),
                        "reads a field of the key, but input.key is " + name(input.key()) + "; add input.key: json");
            }
            if (ref instanceof Key && input.key() == InputSpec.Key.JSON) {
                throw new InvalidJobException(
                        each.getValue(),
                        "reads the whole key, but input.key is json; name a field of the key, such as { key: id }, or"
                                + " remove input.key, which makes the key a text");
            }
            readsKey |= ref instanceof Key || ref instanceof KeyField;
        }
        if (!readsKey && input.key() != InputSpec.Key.STRING) {
            throw new InvalidJobException(
                    "input.key",
                    "is " + name(input.key()) + ", but nothing in the job reads the key; remove it, or add "
                            + (input.key() == InputSpec.Key.JSON ? "{ key: id }" : "{ key: true, as: id }")
                            + " to groupBy");
        }
        checkTime(input);
        for (AggregationSpec each : aggregate) {
            String field = each.field();
            if (field != null && each.readsDoubles() && type(FieldRef.of(field), input) == Type.TEXT) {
                throw new InvalidJobException(
                        "aggregate." + each.name(),
                        "reads a number, but " + field
                                + " is a text; add decimal: 2 or integer: true, which read numbers" + " in texts");
            }
        }
    }

    private static void checkTime(InputSpec input) {
        TimestampSpec time = input.timestamp();
        String field = time.field();
        FieldRef ref = field == null ? null : FieldRef.of(field);
        if (ref instanceof FieldRef.Meta) {
            throw new InvalidJobException(
                    "input.timestamp.field",
                    "must hold a time; for the timestamp of the Kafka record write timestamp: record");
        }
        Type type = ref == null ? null : type(ref, input);
        boolean readsTexts = time.match(record -> false, pattern -> true, iso -> true, TimestampSpec.Epoch::quoted);
        boolean readsNumbers = time.match(record -> false, pattern -> false, iso -> false, epoch -> true);
        if (type == Type.TEXT && !readsTexts) {
            throw new InvalidJobException(
                    "input.timestamp.quoted", "must be true, because " + field + " is a text; add quoted: true");
        }
        if (type == Type.NUMBER && !readsNumbers) {
            throw new InvalidJobException(
                    "input.timestamp", "reads a text, but " + field + " is a number; write format: epochMillis");
        }
    }

    /** The type that a field has in every record; null if the record decides. */
    static @Nullable Type type(FieldRef ref, InputSpec input) {
        return ref.match(
                path -> null,
                key -> input.key() == InputSpec.Key.LONG ? Type.NUMBER : Type.TEXT,
                keyField -> null,
                header -> Type.TEXT,
                meta -> Type.NUMBER);
    }

    private static String name(InputSpec.Key key) {
        return key.name().toLowerCase(Locale.ROOT);
    }
}
