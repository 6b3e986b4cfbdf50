package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a value stands in a job: its JSON, and the description of that JSON.
 *
 * @param <V> the value in Java
 */
public interface Form<V> {

    /** Why a value is written. */
    enum Use {
        /** To be read again: fields that have their default are left out. */
        PAYLOAD,
        /** To become part of the fingerprint: only fields that the fingerprint covers. */
        FINGERPRINT
    }

    /**
     * Reads a value.
     *
     * @throws InvalidJobException if the JSON has another form, with the path of the field
     */
    V read(JsonNode json, Place place);

    /** Writes a value; {@link #read} gives an equal one back for {@link Use#PAYLOAD}. */
    JsonNode write(V value, Use use);

    /** Whether the JSON looks like this form. {@link OneOf} chooses by it; {@link #read} may still refuse the value. */
    boolean fits(JsonNode json);

    /** What is expected, for messages and the table of fields: {@code a duration such as 90s, 15m or 2h}. */
    String expected();

    /** What to write instead of JSON that does not fit, such as {@code 3600s} for 3600; null if that is not known. */
    default @Nullable String instead(JsonNode json) {
        return null;
    }

    /** The JSON Schemas of the ways to write the value, at least one; no JSON fits two of them. */
    List<ObjectNode> alternatives();

    /** The fields inside the value, for the table of fields; none unless it is an object. */
    default List<Field<?>> children() {
        return List.of();
    }

    /** Where {@link #children} stand inside the value, if they are not its own fields: {@code <name>.} for fields of any name. */
    default String childrenAt() {
        return "";
    }

    /** The JSON Schema of the value. */
    default ObjectNode schema() {
        return Schemas.oneOf(alternatives());
    }
}
