package io.tidemark.json;

import io.tidemark.job.FieldPaths;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;

/**
 * A path into a record; {@link FieldPaths} has its grammar.
 *
 * @param text the path as it was written
 * @param steps its steps, from the top of the record
 */
public record FieldPath(String text, List<Step> steps) {

    /**
     * One step down.
     *
     * @param name the name of a member; empty for a position
     * @param position the position in an array, from 0; -1 for a name
     */
    public record Step(String name, int position) {}

    /** Copies the list. */
    public FieldPath {
        steps = List.copyOf(steps);
    }

    /**
     * Reads a path.
     *
     * @throws IllegalArgumentException if the text is not a path
     */
    public static FieldPath parse(String text) {
        List<Step> steps = new ArrayList<>();
        Matcher matcher = FieldPaths.STEP.matcher(text);
        int end = 0;
        while (matcher.find()) {
            String name = matcher.group(1);
            String quoted = matcher.group(2);
            String position = matcher.group(3);
            if (position != null) {
                steps.add(new Step("", Integer.parseInt(position.substring(1, position.length() - 1))));
            } else {
                steps.add(new Step(quoted == null ? name : FieldPaths.unquoted(quoted), -1));
            }
            end = matcher.end();
        }
        if (steps.isEmpty()
                || end < text.length()
                || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a path such as voltage, meter.readings[0].v or attributes[\"http.method\"]");
        }
        return new FieldPath(text, steps);
    }

    /** The path of these steps. */
    static FieldPath of(List<Step> steps) {
        StringBuilder text = new StringBuilder();
        for (Step each : steps) {
            String name = FieldPaths.quotedIfNeeded(each.name());
            if (each.position() >= 0) {
                text.append('[').append(each.position()).append(']');
            } else {
                text.append(text.isEmpty() || name.startsWith("[") ? "" : ".").append(name);
            }
        }
        return new FieldPath(text.toString(), steps);
    }
}
