package io.tidemark.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path into a record, such as {@code meter.readings[0].v}: names joined by dots, array positions in brackets. Names
 * with a dot, bracket or brace in them cannot be reached.
 *
 * @param text the path as it was written
 * @param steps its steps, from the top of the record
 */
public record FieldPath(String text, List<Step> steps) {
    private static final Pattern STEP =
            Pattern.compile("\\G(?:(?:^|(?<!^)\\.)([^.\\[\\]{}]+)|(?<!^)\\[(0|[1-9]\\d{0,5})])");

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
        Matcher matcher = STEP.matcher(text);
        int end = 0;
        while (matcher.find()) {
            String name = matcher.group(1);
            steps.add(name == null ? new Step("", Integer.parseInt(matcher.group(2))) : new Step(name, -1));
            end = matcher.end();
        }
        if (steps.isEmpty()
                || end < text.length()
                || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("'" + text + "' is not a path such as voltage or meter.readings[0].v");
        }
        return new FieldPath(text, steps);
    }
}
