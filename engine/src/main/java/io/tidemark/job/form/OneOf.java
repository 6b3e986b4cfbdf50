package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The form of a sealed type: one case for each of its kinds. A kind without a case is an error when the table is made,
 * so that no kind can be read or written as another one.
 */
public final class OneOf<T> implements Form<T> {
    private final Class<T> type;
    private final String expected;
    private final List<Case<? extends T>> cases;

    /**
     * One way to write one kind.
     *
     * @param type the kind
     * @param form its form
     * @param isAlias whether only reading uses it, because another case writes the kind
     */
    private record Case<C>(Class<C> type, Form<C> form, boolean isAlias) {}

    private OneOf(Class<T> type, String expected, List<Case<? extends T>> cases) {
        this.type = type;
        this.expected = expected;
        this.cases = cases;
    }

    /** The form of a sealed type, still without cases. */
    public static <T> OneOf<T> of(Class<T> type, String expected) {
        return new OneOf<>(type, expected, List.of());
    }

    /** Adds a kind that is one word: {@code none}. */
    public <C extends T> OneOf<T> word(String word, C value) {
        @SuppressWarnings("unchecked")
        Class<C> kind = (Class<C>) value.getClass();
        return with(new Case<>(kind, new WordForm<>(word, place -> value), false));
    }

    /** Adds a word that is short for a kind with another case; its value may depend on the rest of the job. */
    public <C extends T> OneOf<T> alias(String word, Class<C> kind, Function<Place, C> value) {
        return with(new Case<>(kind, new WordForm<>(word, value), true));
    }

    /** Adds a kind with a form of its own. */
    public <C extends T> OneOf<T> form(Class<C> kind, Form<C> form) {
        return with(new Case<>(kind, form, false));
    }

    private OneOf<T> with(Case<? extends T> added) {
        List<Case<? extends T>> all = new ArrayList<>(cases);
        all.add(added);
        return new OneOf<>(type, expected, List.copyOf(all));
    }

    /** The same form, after a check that it has a case for each kind of the type. */
    public OneOf<T> complete() {
        for (Class<?> kind : type.getPermittedSubclasses()) {
            if (cases.stream().noneMatch(each -> !each.isAlias() && each.type().equals(kind))) {
                throw new IllegalStateException(kind + " has no case in the table");
            }
        }
        return this;
    }

    @Override
    public T read(JsonNode json, Place place) {
        if (json.isObject()) {
            Set<String> known = new LinkedHashSet<>();
            children().forEach(each -> known.add(each.name()));
            RecordForm.refuseUnknown(json, known, place);
        }
        for (Case<? extends T> each : cases) {
            if (each.form().fits(json)) {
                return each.form().read(own(json, each.form(), place), place);
            }
        }
        throw unlikeAll(json, place);
    }

    /** An object without the fields of other cases. They may be null; another value is refused. */
    private static JsonNode own(JsonNode json, Form<?> form, Place place) {
        if (!(form instanceof RecordForm<?> object) || object.key() == null || !(json instanceof ObjectNode all)) {
            return json;
        }
        String key = object.key().name();
        ObjectNode own = all.deepCopy();
        for (Map.Entry<String, JsonNode> each : all.properties()) {
            if (!object.has(each.getKey())) {
                if (!each.getValue().isNull()) {
                    throw place.at(each.getKey())
                            .refuse("does not go with " + key + ": " + Words.unquoted(json.path(key))
                                    + "; remove one of the two");
                }
                own.remove(each.getKey());
            }
        }
        return own;
    }

    /** The error of a value that fits no case: about the field that tells objects apart, if it is one. */
    private InvalidJobException unlikeAll(JsonNode json, Place place) {
        // From the name of such a field to what each case expects there.
        Map<String, List<String>> keys = new LinkedHashMap<>();
        Map<String, @Nullable String> instead = new LinkedHashMap<>();
        for (Case<? extends T> each : cases) {
            if (each.form() instanceof RecordForm<?> object && object.key() != null) {
                keys.computeIfAbsent(object.key().name(), name -> new ArrayList<>())
                        .add(object.key().form().expected());
                instead.putIfAbsent(
                        object.key().name(),
                        object.key().form().instead(json.path(object.key().name())));
            }
        }
        String last = "";
        for (String key : keys.keySet()) {
            last = key;
            if (json.hasNonNull(key)) {
                return place.at(key).unexpected(Words.or(keys.get(key)), instead.get(key), json.get(key));
            }
        }
        if (!json.isObject() || keys.isEmpty()) {
            return place.unexpected(this, json);
        }
        List<String> choices = new ArrayList<>();
        keys.forEach((key, expected) -> choices.add(key + ": " + Words.or(expected)));
        return place.at(last).refuse("is missing; write " + String.join(", or ", choices));
    }

    @Override
    public JsonNode write(T value, Use use) {
        for (Case<? extends T> each : cases) {
            if (!each.isAlias() && each.type().isInstance(value)) {
                return write(each, value, use);
            }
        }
        throw new IllegalStateException(value + " has no case in the table");
    }

    private static <C> JsonNode write(Case<C> one, Object value, Use use) {
        return one.form().write(one.type().cast(value), use);
    }

    @Override
    public boolean fits(JsonNode json) {
        return cases.stream().anyMatch(each -> each.form().fits(json));
    }

    @Override
    public String expected() {
        return expected;
    }

    @Override
    public @Nullable String instead(JsonNode json) {
        return cases.stream()
                .map(each -> each.form().instead(json))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    @Override
    public List<ObjectNode> alternatives() {
        return cases.stream()
                .flatMap(each -> each.form().alternatives().stream())
                .toList();
    }

    /** The fields of all cases; those of several cases are there several times. */
    @Override
    public List<Field<?>> children() {
        List<Field<?>> children = new ArrayList<>();
        cases.forEach(each -> children.addAll(each.form().children()));
        return children;
    }

    /** One word that stands for a value. */
    private record WordForm<V>(String word, Function<Place, V> value) implements Form<V> {
        @Override
        public V read(JsonNode json, Place place) {
            return value.apply(place);
        }

        @Override
        public JsonNode write(V written, Use use) {
            return JsonNodeFactory.instance.textNode(word);
        }

        @Override
        public boolean fits(JsonNode json) {
            return json.isTextual() && json.textValue().equals(word);
        }

        @Override
        public String expected() {
            return word;
        }

        @Override
        public List<ObjectNode> alternatives() {
            return List.of(Schemas.constant(word));
        }
    }
}
