package io.tidemark.job;

import io.tidemark.job.Condition.Visitor;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/**
 * Writes a condition. Two ways to set spaces, quotes and parentheses give the same text, which is part of the fingerprint:
 * it must not change from one release to the next.
 */
final class ConditionText implements Visitor<String> {
    private static final String PLAIN = "[a-zA-Z_][a-zA-Z0-9_]*";
    /** They are no fields at the beginning of a path. */
    private static final Set<String> WORDS = Set.of("true", "false", "null", "in");

    private static final ConditionText WRITER = new ConditionText();

    private ConditionText() {}

    /** The text of a condition; {@link ConditionParser#parse} gives an equal condition back. */
    static String of(Condition condition) {
        return condition.accept(WRITER);
    }

    @Override
    public String all(Condition.All condition) {
        return joined(condition.parts(), " && ");
    }

    @Override
    public String any(Condition.Any condition) {
        return joined(condition.parts(), " || ");
    }

    @Override
    public String not(Condition.Not condition) {
        return "!" + (isPlain(condition.part()) ? of(condition.part()) : "(" + of(condition.part()) + ")");
    }

    @Override
    public String has(Condition.Has condition) {
        return "has(" + field(condition.path()) + ")";
    }

    @Override
    public String isTrue(Condition.IsTrue condition) {
        return field(condition.path());
    }

    @Override
    public String isNull(Condition.IsNull condition) {
        return field(condition.path()) + " == null";
    }

    @Override
    public String number(Condition.NumberIs condition) {
        return field(condition.path()) + " " + condition.order().symbol() + " " + condition.digits();
    }

    @Override
    public String text(Condition.TextIs condition) {
        return field(condition.path()) + " " + condition.order().symbol() + " " + quoted(condition.text());
    }

    @Override
    public String fields(Condition.FieldsAre condition) {
        return field(condition.path()) + " " + condition.order().symbol() + " " + field(condition.other());
    }

    @Override
    public String numberIn(Condition.NumberIn condition) {
        return field(condition.path()) + " in [" + String.join(", ", condition.digits()) + "]";
    }

    @Override
    public String textIn(Condition.TextIn condition) {
        return field(condition.path())
                + condition.texts().stream().map(ConditionText::quoted).collect(Collectors.joining(", ", " in [", "]"));
    }

    @Override
    public String textHas(Condition.TextHas condition) {
        return field(condition.path()) + "." + condition.function().text() + "(" + quoted(condition.text()) + ")";
    }

    private static String joined(List<Condition> parts, String operator) {
        return parts.stream()
                .map(each -> each instanceof Condition.All || each instanceof Condition.Any
                        ? "(" + of(each) + ")"
                        : of(each))
                .collect(Collectors.joining(operator));
    }

    /** Whether '!' before the text of a condition negates all of it. */
    private static boolean isPlain(Condition condition) {
        return condition instanceof Condition.Not
                || condition instanceof Condition.Has
                || condition instanceof Condition.IsTrue
                || condition instanceof Condition.TextHas;
    }

    /** A field as it stands in a condition. */
    static String field(String field) {
        return FieldRef.of(field)
                .match(
                        path -> steps(path.path()),
                        key -> "key()",
                        keyField -> {
                            String steps = steps(keyField.path());
                            return "key()" + (steps.startsWith("[") ? "" : ".") + steps;
                        },
                        header -> "header(" + quoted(header.header()) + ")",
                        meta -> meta.name() + "()");
    }

    private static String steps(String path) {
        StringBuilder text = new StringBuilder();
        Matcher step = FieldPaths.STEP.matcher(path);
        while (step.find()) {
            String name = step.group(2) == null ? step.group(1) : FieldPaths.unquoted(step.group(2));
            if (name == null) {
                text.append(step.group());
            } else if (name.matches(PLAIN) && !(text.isEmpty() && WORDS.contains(name))) {
                text.append(text.isEmpty() ? "" : ".").append(name);
            } else {
                text.append('[').append(quoted(name)).append(']');
            }
        }
        return text.toString();
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (c < ' ') {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                quoted.append((char) c);
            }
        });
        return quoted.append('"').toString();
    }
}
