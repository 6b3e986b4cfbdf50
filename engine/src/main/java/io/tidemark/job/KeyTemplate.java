package io.tidemark.job;

import io.tidemark.job.form.InvalidJobException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the key of a row is made from its window and groups. Two rows never get the same key: the template names each of
 * these fields once, with text between them, and characters of that text are escaped in values.
 *
 * @param text such as {@code {date}/{channel}}; null for the default, a JSON object of window and groups
 */
public record KeyTemplate(@Nullable String text) {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

    /** The default: a JSON object such as {@code {"date":"2006-12-23","meter":"a"}}. */
    public static final KeyTemplate JSON = new KeyTemplate(null);

    /** A piece of a template: literal text, or the name of a field. */
    public record Part(boolean isField, String text) {}

    /** The parts of the template, in their order; none for the default. */
    public List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        if (text == null) {
            return parts;
        }
        Matcher matcher = PLACEHOLDER.matcher(text);
        int end = 0;
        while (matcher.find()) {
            if (matcher.start() > end) {
                parts.add(new Part(false, text.substring(end, matcher.start())));
            }
            parts.add(new Part(true, matcher.group(1)));
            end = matcher.end();
        }
        if (end < text.length()) {
            parts.add(new Part(false, text.substring(end)));
        }
        return List.copyOf(parts);
    }

    /** Refuses a template that could give two rows the same key. */
    void check(WindowSpec window, List<String> groupNames) {
        if (text == null) {
            return;
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw invalid("has half of a surrogate pair; replace it");
        }
        Set<String> wanted = new HashSet<>(groupNames);
        if (!window.fieldName().isEmpty()) {
            wanted.add(window.fieldName());
        }
        Set<String> seen = new HashSet<>();
        boolean afterField = false;
        for (Part part : parts()) {
            if (!part.isField()) {
                if (part.text().indexOf('{') >= 0 || part.text().indexOf('}') >= 0) {
                    throw invalid("has a brace without its partner; write {field}");
                }
                if (part.text().indexOf('%') >= 0) {
                    throw invalid("contains %, which is reserved for escaped characters; use another separator");
                }
            } else if (!wanted.contains(part.text())) {
                throw invalid("names {" + part.text() + "}, which is not the window or a groupBy field; known here are "
                        + String.join(", ", wanted.stream().sorted().toList()));
            } else if (!seen.add(part.text())) {
                throw invalid("names {" + part.text() + "} twice; remove one of them");
            } else if (afterField) {
                throw invalid("needs text between {" + part.text() + "} and the field before it, such as a slash");
            }
            afterField = part.isField();
        }
        for (String name : wanted.stream().sorted().toList()) {
            if (!seen.contains(name)) {
                throw invalid("lacks {" + name
                        + "}; without it two rows could have the same key, and one would overwrite the other");
            }
        }
    }

    private InvalidJobException invalid(String problem) {
        return new InvalidJobException("output.key", "'" + text + "' " + problem);
    }
}
