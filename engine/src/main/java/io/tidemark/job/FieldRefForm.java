package io.tidemark.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.FieldRef.Header;
import io.tidemark.job.FieldRef.Key;
import io.tidemark.job.FieldRef.KeyField;
import io.tidemark.job.FieldRef.Meta;
import io.tidemark.job.form.Form;
import io.tidemark.job.form.Forms;
import io.tidemark.job.form.Place;
import io.tidemark.job.form.Schemas;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A reference to a field, as its text: a path, or an object such as {@code { header: tenant }}. */
final class FieldRefForm implements Form<String> {
    /** A path, a field of the key, or a header. */
    static final FieldRefForm FORM = new FieldRefForm();

    static final List<String> SOURCES = List.of("key", "header", "meta");

    private static final Form<Meta.Kind> KIND = Forms.choice(Meta.Kind.class);
    private static final String KEY = "true for the whole key, or a path into a key that is JSON";

    private FieldRefForm() {}

    @Override
    public String read(JsonNode json, Place place) {
        if (!json.isObject()) {
            return FieldPaths.PATH.read(json, place);
        }
        for (Map.Entry<String, JsonNode> each : json.properties()) {
            if (!SOURCES.contains(each.getKey())) {
                throw place.at(each.getKey())
                        .refuse("is not a known field; known here are " + String.join(", ", SOURCES));
            }
        }
        return source(json, place, SOURCES).text();
    }

    /** Reads the only field of these that an object has. */
    static FieldRef source(JsonNode object, Place place, List<String> sources) {
        List<String> found = sources.stream().filter(object::hasNonNull).toList();
        if (found.isEmpty()) {
            throw place.refuse("does not say where the value comes from; write one of " + String.join(", ", sources)
                    + ", such as { header: tenant }");
        }
        if (found.size() > 1) {
            throw place.at(found.get(1)).refuse("does not go with " + found.get(0) + "; remove one of the two");
        }
        String source = found.get(0);
        JsonNode value = object.get(source);
        Place at = place.at(source);
        return switch (source) {
            case "path" -> new FieldRef.Path(FieldPaths.PATH.read(value, at));
            case "key" -> {
                if (value.isBoolean() && value.booleanValue()) {
                    yield new Key();
                }
                if (!FieldPaths.PATH.fits(value)) {
                    throw at.unexpected(KEY, value);
                }
                yield new KeyField(FieldPaths.PATH.read(value, at));
            }
            case "header" -> {
                if (!value.isTextual()
                        || value.textValue().isEmpty()
                        || !StandardCharsets.UTF_8.newEncoder().canEncode(value.textValue())) {
                    throw at.unexpected("the name of a header", value);
                }
                yield new Header(value.textValue());
            }
            default -> new Meta(KIND.read(value, at));
        };
    }

    /** Writes the field that {@link #source} reads. */
    static ObjectNode object(FieldRef ref) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        return ref.match(
                path -> json.put("path", path.path()),
                key -> json.put("key", true),
                keyField -> json.put("key", keyField.path()),
                header -> json.put("header", header.header()),
                meta -> json.put("meta", meta.name()));
    }

    @Override
    public JsonNode write(String text, Use use) {
        FieldRef ref = FieldRef.of(text);
        return ref instanceof FieldRef.Path ? JsonNodeFactory.instance.textNode(text) : object(ref);
    }

    @Override
    public boolean fits(JsonNode json) {
        return FieldPaths.PATH.fits(json) || json.isObject();
    }

    @Override
    public String expected() {
        return FieldPaths.PATH.expected() + ", { key: … } or { header: … }";
    }

    @Override
    public List<ObjectNode> alternatives() {
        List<ObjectNode> all = new ArrayList<>(FieldPaths.PATH.alternatives());
        // For a number of Kafka there is a better way, which reading such an object names.
        List.of("key", "header").forEach(each -> all.add(schema(each)));
        return all;
    }

    /** The schema of an object with this field. */
    static ObjectNode schema(String source) {
        ObjectNode value = switch (source) {
            case "path" -> FieldPaths.PATH.schema().put("description", "A path into the record's value.");
            case "key" ->
                Schemas.oneOf(List.of(
                                JsonNodeFactory.instance.objectNode().put("const", true), FieldPaths.PATH.schema()))
                        .put("description", "true for the whole key, or a path into a key that is JSON.");
            case "header" ->
                Schemas.type("string")
                        .put("minLength", 1)
                        .put("description", "The name of a header; the last one of that name counts.");
            default -> KIND.schema().put("description", "A number that Kafka gives a record.");
        };
        ObjectNode schema = Schemas.type("object");
        schema.putObject("properties").set(source, value);
        schema.putArray("required").add(source);
        return schema.put("additionalProperties", false);
    }
}
