package io.tidemark.job;

import java.util.regex.Pattern;

/** The form of paths into a record: names joined by dots, array positions in brackets: {@code meter.readings[0].v}. */
final class FieldPaths {
    private static final Pattern LEGAL =
            Pattern.compile("[^.\\[\\]{}]+(\\[\\d{1,6}])*(\\.[^.\\[\\]{}]+(\\[\\d{1,6}])*)*");

    private FieldPaths() {}

    static void check(String where, String path) {
        if (!LEGAL.matcher(path).matches()) {
            throw new InvalidJobException(
                    where, "'" + path + "' is not a path such as voltage, meter.id or readings[0].value");
        }
    }
}
