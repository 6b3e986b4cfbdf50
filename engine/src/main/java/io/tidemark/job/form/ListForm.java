package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** A list of values of one form. */
record ListForm<V>(Form<V> element, String expected) implements Form<List<V>> {
    @Override
    public List<V> read(JsonNode json, Place place) {
        if (!fits(json)) {
            throw place.unexpected(expected, json);
        }
        List<V> values = new ArrayList<>();
        for (int i = 0; i < json.size(); i++) {
            values.add(element.read(json.get(i), place.at(i)));
        }
        return List.copyOf(values);
    }

    @Override
    public JsonNode write(List<V> values, Use use) {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        values.forEach(each -> json.add(element.write(each, use)));
        return json;
    }

    @Override
    public boolean fits(JsonNode json) {
        return json.isArray();
    }

    @Override
    public List<ObjectNode> alternatives() {
        return List.of(Schemas.type("array").set("items", element.schema()));
    }
}
