package io.tidemark.job;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the key of a row is made from its window and groups. Two rows never get the same key: every one of these fields
 * must stand in the template once, apart from its neighbours, and the values are escaped where they
 * could be taken for the text between them.
 *
 * @param text such as {@code {date}/{channel}}; null for the default, a JSON object of window and groups
 */
public record KeyTemplate(@Nullable String text) {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

    /** The default: a JSON object such as {@code {"date":"2006-12-23","meter":"a"}}. */
    public static final KeyTemplate JSON = new KeyTemplate(null);

    /** A piece of a template: literal text, or the name of a field. */
    public record Part(boolean isField, String text) {}

    /** The template, cut at its placeholders; empty for the default. */
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
    void check(WindowSpec window, List<String> groupBy) {
        if (text == null) {
            return;
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw invalid("is not a text: it has half of a surrogate pair");
        }
        Set<String> wanted = new HashSet<>(groupBy);
        if (!window.fieldName().isEmpty()) {
            wanted.add(window.fieldName());
        }
        Set<String> seen = new HashSet<>();
        boolean afterField = false;
        for (Part part : parts()) {
            if (!part.isField()) {
                if (part.text().indexOf('{') >= 0 || part.text().indexOf('}') >= 0) {
                    throw invalid("has a brace without its partner");
                }
                if (part.text().indexOf('%') >= 0) {
                    throw invalid("contains %, which marks escaped characters");
                }
            } else if (!wanted.contains(part.text())) {
                throw invalid("names {" + part.text() + "}, which is not the window or a groupBy field; there are "
                        + wanted.stream().sorted().toList());
            } else if (!seen.add(part.text())) {
                throw invalid("names {" + part.text() + "} twice");
            } else if (afterField) {
                throw invalid("needs some text between {" + part.text() + "} and the field before it");
            }
            afterField = part.isField();
        }
        for (String name : wanted.stream().sorted().toList()) {
            if (!seen.contains(name)) {
                throw invalid("lacks {" + name + "}, so two rows could get the same key and one would hide the other");
            }
        }
    }

    private InvalidJobException invalid(String problem) {
        return new InvalidJobException("output.key", "'" + text + "' " + problem);
    }
}
