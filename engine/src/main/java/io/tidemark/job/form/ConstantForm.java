package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** One text, which tells a kind of object from the others: {@code format: iso}. */
record ConstantForm(String text) implements Form<String> {
    @Override
    public String read(JsonNode json, Place place) {
        if (!fits(json)) {
            throw place.unexpected(text, json);
        }
        return text;
    }

    @Override
    public JsonNode write(String value, Use use) {
        return JsonNodeFactory.instance.textNode(text);
    }

    @Override
    public boolean fits(JsonNode json) {
        return json.isTextual() && json.textValue().equals(text);
    }

    @Override
    public String expected() {
        return text;
    }

    @Override
    public List<ObjectNode> alternatives() {
        return List.of(Schemas.constant(text));
    }
}
