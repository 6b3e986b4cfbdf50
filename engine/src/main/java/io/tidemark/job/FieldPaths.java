package io.tidemark.job;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The form of paths into a record: names joined by dots, array positions in brackets: {@code meter.readings[0].v}. */
final class FieldPaths {
    private static final Pattern LEGAL =
            Pattern.compile("[^.\\[\\]{}]+(\\[(0|[1-9]\\d{0,5})])*(\\.[^.\\[\\]{}]+(\\[(0|[1-9]\\d{0,5})])*)*");

    private FieldPaths() {}

    static void check(String where, String path) {
        // A path that UTF-8 cannot write would be read as another one.
        if (!LEGAL.matcher(path).matches()
                || !StandardCharsets.UTF_8.newEncoder().canEncode(path)) {
            throw new InvalidJobException(
                    where, "'" + path + "' is not a path such as voltage, meter.id or readings[0].value");
        }
    }
}
