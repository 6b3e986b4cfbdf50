package io.tidemark.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.form.Form;
import io.tidemark.job.form.Forms;
import io.tidemark.job.form.Place;
import io.tidemark.job.form.Schemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The aggregates of a row: {@code { visits: count, voltage: { mean: voltage } }}. */
final class AggregateForm implements Form<List<AggregationSpec>> {
    private static final Form<Function> FUNCTION = Forms.choice(Function.class);
    private static final String ONE = "count or a function of a field, such as { mean: voltage }";

    @Override
    public List<AggregationSpec> read(JsonNode json, Place place) {
        if (!fits(json)) {
            throw place.unexpected(expected(), json);
        }
        List<AggregationSpec> aggregates = new ArrayList<>();
        for (Map.Entry<String, JsonNode> each : json.properties()) {
            aggregates.add(read(each.getKey(), each.getValue(), place.at(each.getKey())));
        }
        return List.copyOf(aggregates);
    }

    private static AggregationSpec read(String name, JsonNode json, Place place) {
        if (json.isTextual()) {
            return new AggregationSpec(name, FUNCTION.read(json, place), null);
        }
        if (!json.isObject() || json.size() != 1) {
            throw place.unexpected(ONE, json);
        }
        Map.Entry<String, JsonNode> only = json.properties().iterator().next();
        Function function = FUNCTION.read(JsonNodeFactory.instance.textNode(only.getKey()), place);
        return new AggregationSpec(name, function, FieldPaths.PATH.read(only.getValue(), place.at(only.getKey())));
    }

    @Override
    public JsonNode write(List<AggregationSpec> aggregates, Use use) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (AggregationSpec each : aggregates) {
            if (each.field() == null) {
                json.put(each.name(), each.function().jsonName());
            } else {
                json.putObject(each.name()).put(each.function().jsonName(), each.field());
            }
        }
        return json;
    }

    @Override
    public boolean fits(JsonNode json) {
        return json.isObject() && !json.isEmpty();
    }

    @Override
    public String expected() {
        return "one value or more, such as { visits: count, voltage: { mean: voltage } }";
    }

    @Override
    public List<ObjectNode> alternatives() {
        ObjectNode call = Schemas.type("object");
        ObjectNode functions = call.putObject("properties");
        Arrays.stream(Function.values())
                .filter(each -> each != Function.COUNT)
                .forEach(each -> functions.set(each.jsonName(), FieldPaths.PATH.schema()));
        call.put("minProperties", 1).put("maxProperties", 1).put("additionalProperties", false);
        return List.of(Schemas.named(Schemas.oneOf(List.of(Schemas.constant(Function.COUNT.jsonName()), call))));
    }
}
