package io.tidemark.job.form;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Pieces of JSON Schemas. */
public final class Schemas {
    private Schemas() {}

    /** A schema for one JSON type: {@code string}, {@code object}. */
    public static ObjectNode type(String type) {
        return JsonNodeFactory.instance.objectNode().put("type", type);
    }

    /** A schema for an object with one field or more of any name, whose values fit {@code value}. */
    public static ObjectNode named(ObjectNode value) {
        ObjectNode schema = type("object").put("minProperties", 1);
        schema.putObject("propertyNames").put("minLength", 1);
        schema.set("additionalProperties", value);
        return schema;
    }

    /** A schema for one text. */
    public static ObjectNode constant(String text) {
        return JsonNodeFactory.instance.objectNode().put("const", text);
    }

    /** A schema for texts that match a regular expression as a whole. */
    public static ObjectNode pattern(String regex) {
        return type("string").put("pattern", "^(" + regex + ")$");
    }

    /** A schema for what fits exactly one of several. */
    public static ObjectNode oneOf(List<ObjectNode> alternatives) {
        if (alternatives.size() == 1) {
            return alternatives.get(0);
        }
        ObjectNode schema = JsonNodeFactory.instance.objectNode();
        ArrayNode array = schema.putArray("oneOf");
        alternatives.forEach(array::add);
        return schema;
    }
}
