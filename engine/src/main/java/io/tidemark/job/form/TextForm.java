package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A text that stands for a value.
 *
 * @param pattern what the text must match as a whole
 * @param expected what is expected, such as {@code a topic name: 1 to 249 characters of …}
 * @param parse gives the value of a text, or throws {@link InvalidJobException} with an empty path
 * @param print gives the text of a value
 */
public record TextForm<V>(Pattern pattern, String expected, Function<String, V> parse, Function<V, String> print)
        implements Form<V> {

    private static final Pattern ANY = Pattern.compile("[\\s\\S]*");
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]*");

    /** Any text, as it is. */
    public static TextForm<String> any(String expected) {
        return any(expected, text -> text, text -> text);
    }

    /** Any text that {@code parse} accepts. */
    static <V> TextForm<V> any(String expected, Function<String, V> parse, Function<V, String> print) {
        return new TextForm<>(ANY, expected, parse, print);
    }

    /** Texts that match a regular expression as a whole, as they are. */
    public static TextForm<String> text(String regex, String expected) {
        return new TextForm<>(Pattern.compile(regex), expected, text -> text, text -> text);
    }

    /** The same texts for another value. */
    public <W> TextForm<W> as(Function<V, W> make, Function<W, V> unmake) {
        return new TextForm<>(pattern, expected, parse.andThen(make), unmake.andThen(print));
    }

    @Override
    public V read(JsonNode json, Place place) {
        // Half of a surrogate pair would be written to UTF-8 as another text.
        if (!fits(json) || !StandardCharsets.UTF_8.newEncoder().canEncode(json.textValue())) {
            throw place.unexpected(this, json);
        }
        try {
            return parse.apply(json.textValue());
        } catch (InvalidJobException e) {
            throw e.path().isEmpty() ? place.refuse(e.problem()) : e;
        }
    }

    @Override
    public JsonNode write(V value, Use use) {
        return JsonNodeFactory.instance.textNode(print.apply(value));
    }

    @Override
    public boolean fits(JsonNode json) {
        return json.isTextual() && pattern.matcher(json.textValue()).matches();
    }

    /** A number in quotes, or a number of seconds with its unit. */
    @Override
    public @Nullable String instead(JsonNode json) {
        String number = json.asText();
        if (pattern.equals(ANY) || !NUMBER.matcher(number).matches()) {
            return null;
        }
        return pattern.matcher(number).matches()
                ? "'" + number + "'"
                : pattern.matcher(number + "s").matches() ? number + "s" : null;
    }

    @Override
    public List<ObjectNode> alternatives() {
        return List.of(pattern.equals(ANY) ? Schemas.type("string") : Schemas.pattern(pattern.pattern()));
    }
}
