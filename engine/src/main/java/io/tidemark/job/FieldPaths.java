package io.tidemark.job;

import io.tidemark.job.form.Form;
import io.tidemark.job.form.TextForm;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The grammar of paths into a record: names joined by dots, array positions in brackets, such as {@code
 * meter.readings[0].v}. A name with a dot or a bracket in it stands in brackets and quotes, such as {@code
 * attributes["http.method"]}; a quote or a backslash in it gets a backslash. Other names stand without quotes, so that a
 * field has one path. Names with braces cannot be reached, because key templates put paths in braces.
 */
public final class FieldPaths {
    private static final String NAME = "[^.\\[\\]{}]+";
    private static final String QUOTABLE = "[^\"\\\\{}]*(?:\\\\[\"\\\\][^\"\\\\{}]*)*";
    private static final String QUOTED = "\\[\"(?:" + QUOTABLE + "[.\\[\\]]" + QUOTABLE + ")?\"\\]";
    private static final String POSITION = "\\[(?:0|[1-9]\\d{0,5})\\]";

    private static final String WHOLE =
            "(?:" + NAME + "|" + QUOTED + ")(?:\\." + NAME + "|" + QUOTED + "|" + POSITION + ")*";

    static final Form<String> PATH =
            TextForm.text(WHOLE, "a path such as voltage, meter.id, readings[0].value or [\"http.method\"]");

    /** One step of a path. Group 1 is a name, group 2 is a name in quotes, group 3 is a position in brackets. */
    public static final Pattern STEP =
            Pattern.compile("\\G(?:(?:^|(?<!^)\\.)(" + NAME + ")|(" + QUOTED + ")|(?<!^)(" + POSITION + "))");

    private FieldPaths() {}

    /** Whether a text is a path. */
    static boolean isPath(String text) {
        return text.matches(WHOLE);
    }

    /** The name that stands in brackets and quotes. */
    public static String unquoted(String quoted) {
        return quoted.substring(2, quoted.length() - 2).replaceAll("\\\\([\"\\\\])", "$1");
    }

    /** A name as it stands in a path: in brackets and quotes if it has to. */
    public static String quotedIfNeeded(String name) {
        return name.matches(NAME) ? name : "[\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"]";
    }

    /** The name of a group in rows and key templates: its path without quotes, such as {@code attributes.http.method}. */
    static String rowName(String path) {
        StringBuilder name = new StringBuilder();
        Matcher step = STEP.matcher(path);
        while (step.find()) {
            String quoted = step.group(2);
            if (quoted == null) {
                name.append(step.group());
            } else {
                name.append(name.isEmpty() ? "" : ".").append(unquoted(quoted));
            }
        }
        return name.toString();
    }
}
