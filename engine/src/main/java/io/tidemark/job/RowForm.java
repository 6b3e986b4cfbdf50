package io.tidemark.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.form.Form;
import io.tidemark.job.form.Place;
import io.tidemark.job.form.Schemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The shape of a row: {@code { day: "{window}", mean: "{voltage}" }}. */
final class RowForm implements Form<RowShape> {
    private static final Pattern SOURCE = Pattern.compile("\\{([^{}]+)\\}");
    private static final String ONE =
            "the name of a window, group or aggregate in braces and quotes, such as" + " '{window.start}'";

    @Override
    public RowShape read(JsonNode json, Place place) {
        if (!fits(json)) {
            throw place.unexpected(expected(), json);
        }
        List<RowShape.Field> fields = new ArrayList<>();
        for (Map.Entry<String, JsonNode> each : json.properties()) {
            Place at = place.at(each.getKey());
            if (each.getKey().isEmpty()) {
                throw at.refuse("must have a name, but its name is empty");
            }
            fields.add(new RowShape.Field(each.getKey(), source(each.getValue(), at)));
        }
        return new RowShape(fields);
    }

    private static String source(JsonNode json, Place place) {
        Matcher matcher = SOURCE.matcher(json.asText());
        if (json.isTextual() && matcher.matches()) {
            return matcher.group(1);
        }
        String name = json.asText();
        // YAML reads {amount} without quotes as an object.
        if (json.isObject() && json.size() == 1) {
            name = json.properties().iterator().next().getKey();
        }
        String problem = place.unexpected(ONE, json).problem();
        boolean isName = !name.isEmpty() && name.indexOf('{') < 0 && name.indexOf('}') < 0;
        throw place.refuse(problem + (isName ? "; write '{" + name + "}'" : ""));
    }

    @Override
    public JsonNode write(RowShape shape, Use use) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        shape.fields().forEach(each -> json.put(each.name(), "{" + each.source() + "}"));
        return json;
    }

    @Override
    public String expected() {
        return "one field or more, such as { day: '{window}', mean: '{voltage}' }";
    }

    @Override
    public boolean fits(JsonNode json) {
        return json.isObject() && !json.isEmpty();
    }

    @Override
    public List<ObjectNode> alternatives() {
        return List.of(Schemas.named(Schemas.pattern(SOURCE.pattern())));
    }
}
