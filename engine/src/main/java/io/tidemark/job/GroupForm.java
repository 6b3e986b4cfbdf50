package io.tidemark.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.form.Form;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.job.form.Place;
import io.tidemark.job.form.Schemas;
import io.tidemark.job.form.Spelling;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An entry of {@code groupBy}: a path, or an object such as {@code { path: site.country, as: country, absent: "-" }}. */
final class GroupForm implements Form<GroupField> {
    private static final List<String> SOURCES = List.of("path", "key", "header", "meta");
    private static final List<String> FIELDS = List.of("path", "key", "header", "meta", "as", "absent");
    private static final Pattern NAME = Pattern.compile("[^{}]+");

    @Override
    public GroupField read(JsonNode json, Place place) {
        if (!json.isObject()) {
            return GroupField.of(FieldPaths.PATH.read(json, place));
        }
        for (Map.Entry<String, JsonNode> each : json.properties()) {
            if (!FIELDS.contains(each.getKey())) {
                String hint = Spelling.hint(each.getKey(), FIELDS);
                throw place.at(each.getKey())
                        .refuse("is not a known field"
                                + (hint.isEmpty() ? "; known here are " + String.join(", ", FIELDS) : hint));
            }
        }
        FieldRef from = FieldRefForm.source(json, place, SOURCES);
        try {
            return new GroupField(from, name(json.path("as"), place), absent(json.path("absent"), place));
        } catch (InvalidJobException e) {
            throw e.path().isEmpty() ? place.refuse(e.problem()) : e;
        }
    }

    private static @Nullable String name(JsonNode json, Place place) {
        if (json.isMissingNode() || json.isNull()) {
            return null;
        }
        String name = json.asText();
        if (!json.isTextual()
                || !NAME.matcher(name).matches()
                || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw place.at("as").unexpected("a name without braces, such as country", json);
        }
        return name;
    }

    private static @Nullable JsonNode absent(JsonNode json, Place place) {
        if (json.isMissingNode() || json.isNull()) {
            return null;
        }
        boolean isText = json.isTextual() && StandardCharsets.UTF_8.newEncoder().canEncode(json.textValue());
        // YAML has numbers such as .nan.
        boolean isNumber = json.isNumber() && Double.isFinite(json.doubleValue());
        if (!isText && !isNumber && !json.isBoolean()) {
            throw place.at("absent").unexpected("a string, a number, true or false, such as \"unknown\"", json);
        }
        return json;
    }

    @Override
    public JsonNode write(GroupField group, Use use) {
        if (group.from() instanceof FieldRef.Path path && group.as() == null && group.absent() == null) {
            // As version 0.1 wrote it, into fingerprints too.
            return JsonNodeFactory.instance.textNode(path.path());
        }
        ObjectNode json = FieldRefForm.object(group.from());
        if (group.as() != null) {
            json.put("as", group.as());
        }
        if (group.absent() != null) {
            json.set("absent", group.absent());
        }
        return json;
    }

    @Override
    public boolean fits(JsonNode json) {
        return FieldPaths.PATH.fits(json) || json.isObject();
    }

    @Override
    public String expected() {
        return FieldPaths.PATH.expected() + ", or an object such as { header: tenant }";
    }

    @Override
    public List<ObjectNode> alternatives() {
        List<ObjectNode> all = new ArrayList<>(FieldPaths.PATH.alternatives());
        for (String source : SOURCES) {
            ObjectNode schema = FieldRefForm.schema(source);
            ObjectNode properties = (ObjectNode) schema.get("properties");
            properties.set(
                    "as",
                    Schemas.pattern(NAME.pattern())
                            .put("description", "The name of the group in rows and key templates."));
            properties
                    .putObject("absent")
                    .put("description", "The value of a record in which the field is missing or null.")
                    .putArray("type")
                    .add("string")
                    .add("number")
                    .add("boolean");
            all.add(schema);
        }
        return all;
    }
}
