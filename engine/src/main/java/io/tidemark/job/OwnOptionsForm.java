package io.tidemark.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.form.Form;
import io.tidemark.job.form.Place;
import io.tidemark.job.form.Schemas;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Options of an own aggregate: an object of texts, numbers and booleans with any names. */
final class OwnOptionsForm implements Form<Map<String, Object>> {
    private static final String VALUE = "a text, a number, true or false";

    @Override
    public Map<String, Object> read(JsonNode json, Place place) {
        if (!fits(json)) {
            throw place.unexpected(expected(), json);
        }
        Map<String, Object> options = new TreeMap<>();
        for (Map.Entry<String, JsonNode> each : json.properties()) {
            options.put(each.getKey(), value(each.getValue(), place.at(each.getKey())));
        }
        return options;
    }

    private static Object value(JsonNode json, Place place) {
        if (json.isTextual()) {
            return json.textValue();
        } else if (json.isBoolean()) {
            return json.booleanValue();
        } else if (json.isNumber()) {
            return plain(json.decimalValue());
        }
        throw place.unexpected(VALUE, json);
    }

    /** Equal numbers become equal objects, and so equal fingerprints. A number with decimals has as many as a double tells apart. */
    private static BigDecimal plain(BigDecimal number) {
        BigDecimal stripped = number.stripTrailingZeros();
        return stripped.scale() <= 0
                ? stripped.setScale(0)
                : BigDecimal.valueOf(number.doubleValue()).stripTrailingZeros();
    }

    /** The node that reading the same text gives. */
    private static JsonNode node(BigDecimal number) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (number.scale() > 0) {
            return nodes.numberNode(number.doubleValue());
        }
        BigInteger whole = number.toBigIntegerExact();
        if (whole.bitLength() < Integer.SIZE) {
            return nodes.numberNode(whole.intValue());
        }
        return whole.bitLength() < Long.SIZE ? nodes.numberNode(whole.longValue()) : nodes.numberNode(whole);
    }

    @Override
    public JsonNode write(Map<String, Object> options, Use use) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        options.forEach((name, value) -> {
            if (value instanceof BigDecimal number) {
                json.set(name, node(number));
            } else if (value instanceof Boolean flag) {
                json.put(name, flag);
            } else {
                json.put(name, value.toString());
            }
        });
        return json;
    }

    @Override
    public boolean fits(JsonNode json) {
        return json.isObject();
    }

    @Override
    public String expected() {
        return "an object of texts, numbers and booleans, such as { precision: 5 }";
    }

    @Override
    public List<ObjectNode> alternatives() {
        ObjectNode schema = Schemas.type("object");
        schema.putObject("additionalProperties")
                .putArray("type")
                .add("string")
                .add("number")
                .add("boolean");
        return List.of(schema);
    }
}
