package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One of the constants of an enum. */
public final class ChoiceForm<E extends Enum<E>> implements Form<E> {
    private static final Pattern NEXT_WORD = Pattern.compile("_(.)");

    private final Map<String, E> choices = new LinkedHashMap<>();

    ChoiceForm(Class<E> type) {
        for (E each : type.getEnumConstants()) {
            choices.put(name(each), each);
        }
    }

    /** The name of a constant in a job: {@code deadLetter} for {@code DEAD_LETTER}. */
    public static String name(Enum<?> constant) {
        return NEXT_WORD
                .matcher(constant.name().toLowerCase(Locale.ROOT))
                .replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
    }

    @Override
    public E read(JsonNode json, Place place) {
        E choice = json.isTextual() ? choices.get(json.textValue()) : null;
        if (choice == null) {
            InvalidJobException unexpected = place.unexpected(expected(), json);
            throw place.refuse(unexpected.problem() + Spelling.hint(json.asText(), choices.keySet()));
        }
        return choice;
    }

    @Override
    public JsonNode write(E value, Use use) {
        return JsonNodeFactory.instance.textNode(name(value));
    }

    @Override
    public boolean fits(JsonNode json) {
        return json.isTextual() && choices.containsKey(json.textValue());
    }

    @Override
    public String expected() {
        return Words.or(choices.keySet());
    }

    @Override
    public @Nullable String instead(JsonNode json) {
        return Spelling.nearest(json.asText(), choices.keySet()).orElse(null);
    }

    @Override
    public List<ObjectNode> alternatives() {
        ObjectNode schema = JsonNodeFactory.instance.objectNode();
        ArrayNode names = schema.putArray("enum");
        choices.keySet().forEach(names::add);
        return List.of(schema);
    }
}
