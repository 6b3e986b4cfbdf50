package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object that becomes a record: each component of the record is the field with its name. Fields are written in
 * the order in which they are listed here.
 */
public final class RecordForm<R extends Record> implements Form<R> {
    private final Class<R> type;
    private final Constructor<R> constructor;
    private final RecordComponent[] components;
    private final Map<String, Field<?>> fields = new LinkedHashMap<>();
    private final @Nullable Field<?> key;
    private final boolean isShort;

    private RecordForm(Class<R> type, List<Field<?>> fields, @Nullable String key, boolean isShort) {
        this.type = type;
        this.isShort = isShort;
        components = type.getRecordComponents();
        fields.forEach(each -> this.fields.put(each.name(), each));
        this.key = key == null ? null : this.fields.get(key);
        try {
            constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("every record has a constructor of its components", e);
        }
        long mapped = fields.stream()
                .filter(each -> !(each.form() instanceof ConstantForm))
                .count();
        boolean complete = Arrays.stream(components).allMatch(each -> this.fields.containsKey(each.getName()));
        if (!complete || mapped != components.length || this.fields.size() != fields.size()) {
            throw new IllegalStateException(
                    type + " needs one field for each component, but has " + this.fields.keySet());
        }
    }

    /** The form of a record with these fields. */
    public static <R extends Record> RecordForm<R> object(Class<R> type, Field<?>... fields) {
        return new RecordForm<>(type, List.of(fields), null, false);
    }

    /** The same form, told from the others of a {@link OneOf} by a field. */
    public RecordForm<R> knownBy(String field) {
        return new RecordForm<>(type, List.copyOf(fields.values()), field, isShort);
    }

    /** The same form, in which the value of a field alone is short for an object with only that field. */
    public RecordForm<R> shortFor(String field) {
        return new RecordForm<>(type, List.copyOf(fields.values()), field, true);
    }

    /** The record of an object without any field; every field needs a default. */
    public R defaults() {
        ObjectNode empty = JsonNodeFactory.instance.objectNode();
        return read(empty, new Place(empty, ""));
    }

    /** The field by which a {@link OneOf} tells this form from others, or null. */
    @Nullable
    Field<?> key() {
        return key;
    }

    boolean has(String field) {
        return fields.containsKey(field);
    }

    @Override
    public R read(JsonNode json, Place place) {
        JsonNode object = key != null && isShort && json.isValueNode()
                ? JsonNodeFactory.instance.objectNode().set(key.name(), json)
                : json;
        if (!object.isObject()) {
            throw place.unexpected(this, json);
        }
        refuseUnknown(object, fields.keySet(), place);
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (Field<?> each : fields.values()) {
            values.put(each.name(), each.read(object, place));
        }
        return make(values);
    }

    /** Refuses the first field that has none of these names. */
    static void refuseUnknown(JsonNode object, Collection<String> known, Place place) {
        for (Map.Entry<String, JsonNode> each : object.properties()) {
            if (!known.contains(each.getKey())) {
                String hint = Spelling.hint(each.getKey(), known);
                throw place.at(each.getKey())
                        .refuse("is not a known field"
                                + (hint.isEmpty() ? "; known here are " + String.join(", ", known) : hint));
            }
        }
    }

    private R make(Map<String, @Nullable Object> values) {
        try {
            return constructor.newInstance(Arrays.stream(components)
                    .map(each -> values.get(each.getName()))
                    .toArray());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IllegalStateException(type + " cannot be made", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot be made", e);
        }
    }

    @Override
    public JsonNode write(R value, Use use) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (Field<?> each : fields.values()) {
            write(each, value, json, use);
        }
        return json;
    }

    @SuppressWarnings("unchecked")
    private <V> void write(Field<V> field, R value, ObjectNode json, Use use) {
        if (field.form() instanceof ConstantForm constant) {
            json.put(field.name(), constant.text());
            return;
        }
        for (RecordComponent each : components) {
            if (each.getName().equals(field.name())) {
                try {
                    field.write((V) each.getAccessor().invoke(value), json, use);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(type + "." + field.name() + " cannot be read", e);
                }
            }
        }
    }

    @Override
    public boolean fits(JsonNode json) {
        if (!json.isObject()) {
            return isShort && key != null && key.form().fits(json);
        }
        JsonNode value = key == null ? null : json.get(key.name());
        return key == null || (value != null && key.form().fits(value));
    }

    @Override
    public String expected() {
        List<String> shown = fields.values().stream()
                .filter(each -> each.required() || fields.size() <= 3)
                .map(each -> each.form() instanceof ConstantForm constant
                        ? each.name() + ": " + constant.text()
                        : each.name() + ": …")
                .toList();
        String object = shown.isEmpty()
                ? "an object with fields such as " + fields.keySet().iterator().next()
                : "{ " + String.join(", ", shown) + " }";
        return isShort && key != null ? key.form().expected() + ", or " + object : object;
    }

    @Override
    public @Nullable String instead(JsonNode json) {
        return isShort && key != null ? key.form().instead(json) : null;
    }

    @Override
    public List<ObjectNode> alternatives() {
        ObjectNode schema = Schemas.type("object");
        ObjectNode properties = schema.putObject("properties");
        fields.values().forEach(each -> properties.set(each.name(), each.schema()));
        List<String> required = fields.values().stream()
                .filter(Field::required)
                .map(Field::name)
                .toList();
        if (!required.isEmpty()) {
            required.forEach(schema.putArray("required")::add);
        }
        schema.put("additionalProperties", false);
        return isShort && key != null ? List.of(key.form().schema(), schema) : List.of(schema);
    }

    @Override
    public List<Field<?>> children() {
        return List.copyOf(fields.values());
    }
}
