package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.form.Form.Use;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One field of an object: an entry of the table. A field is required until it gets a default, and may change between
 * runs until it becomes part of the fingerprint.
 *
 * @param name its name in JSON, which is also the name of the record's component
 * @param form what stands there
 * @param about what it means, in one or two sentences for people, with code in backticks
 * @param required whether a job without it is refused
 * @param fallback the value of a job without it; null for no value
 * @param fallbackText the default in words, where its JSON would say nothing
 * @param meaning whether the fingerprint covers it
 */
public record Field<V>(
        String name,
        Form<V> form,
        String about,
        boolean required,
        @Nullable V fallback,
        @Nullable String fallbackText,
        Meaning meaning) {

    /** Whether a field gives the stored totals their meaning, and so is part of the fingerprint. */
    public enum Meaning {
        /** It does not: the field may change between runs. */
        NONE,
        /** It does; the fingerprint leaves it out while it has its default, so that old jobs keep their fingerprint. */
        UNLESS_DEFAULT,
        /** It does, and the fingerprint always has it, because version 0.1 wrote it so. Not for new fields. */
        ALWAYS
    }

    /** A required field. */
    public static <V> Field<V> field(String name, Form<V> form) {
        return new Field<>(name, form, "", true, null, null, Meaning.NONE);
    }

    /** A field that always has the same text, and is no component of the record. */
    public static Field<String> constant(String name, String text) {
        return new Field<>(name, new ConstantForm(text), "", true, null, null, Meaning.ALWAYS);
    }

    /** The same field with its meaning for people; line breaks in the text count as spaces. */
    public Field<V> about(String text) {
        return new Field<>(name, form, text.replace("\n", " "), required, fallback, fallbackText, meaning);
    }

    /** The same field with a default. */
    public Field<V> or(V value) {
        return new Field<>(name, form, about, false, value, null, meaning);
    }

    /** The same field with a default that is better described in words than as JSON, or null for no value. */
    public Field<V> or(@Nullable V value, String words) {
        return new Field<>(name, form, about, false, value, words, meaning);
    }

    /** The same field as part of the fingerprint, where it has another value than its default. */
    public Field<V> inFingerprint() {
        return new Field<>(name, form, about, required, fallback, fallbackText, Meaning.UNLESS_DEFAULT);
    }

    /** The same field as part of every fingerprint, as version 0.1 has it. */
    public Field<V> alwaysInFingerprint() {
        return new Field<>(name, form, about, required, fallback, fallbackText, Meaning.ALWAYS);
    }

    /** The default for the table of fields; null if the field is required. */
    public @Nullable String defaultText() {
        return fallback == null || fallbackText != null
                ? fallbackText
                : "`" + Words.unquoted(form.write(fallback, Use.PAYLOAD)) + "`";
    }

    /** The JSON Schema of the field, with its meaning and its default. */
    public ObjectNode schema() {
        ObjectNode schema = form.schema().deepCopy();
        schema.put("description", about.replace("`", ""));
        if (fallback != null && fallbackText == null && !(form instanceof RecordForm)) {
            schema.set("default", form.write(fallback, Use.PAYLOAD));
        }
        return schema;
    }

    /** Reads the field from its object; null counts as absent. */
    public @Nullable V read(JsonNode object, Place place) {
        JsonNode json = object.get(name);
        if (json != null && !json.isNull()) {
            return form.read(json, place.at(name));
        }
        if (required) {
            throw place.at(name).refuse("is missing; write " + form.expected());
        }
        return fallback;
    }

    /** Writes the field into its object, unless it is to be left out there. */
    public void write(@Nullable V value, ObjectNode object, Use use) {
        if (value == null || !isWritten(value, use)) {
            return;
        }
        JsonNode json = form.write(value, use);
        // An object of which the fingerprint covers no field.
        if (!(form instanceof RecordForm && json.isEmpty())) {
            object.set(name, json);
        }
    }

    private boolean isWritten(V value, Use use) {
        boolean isDefault = !required && Objects.equals(value, fallback);
        if (use == Use.PAYLOAD) {
            return !isDefault;
        }
        // Each field of a nested object says for itself whether it is covered.
        return form instanceof RecordForm
                || switch (meaning) {
                    case NONE -> false;
                    case UNLESS_DEFAULT -> !isDefault;
                    case ALWAYS -> true;
                };
    }
}
