package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** True or false. */
record FlagForm() implements Form<Boolean> {
    @Override
    public Boolean read(JsonNode json, Place place) {
        if (!fits(json)) {
            throw place.unexpected(expected(), json);
        }
        return json.booleanValue();
    }

    @Override
    public JsonNode write(Boolean value, Use use) {
        return BooleanNode.valueOf(value);
    }

    @Override
    public boolean fits(JsonNode json) {
        return json.isBoolean();
    }

    @Override
    public String expected() {
        return "true or false";
    }

    @Override
    public List<ObjectNode> alternatives() {
        return List.of(Schemas.type("boolean"));
    }
}
