package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/**
 * What {@code doctor} found about one thing.
 *
 * @param check what was looked at, such as {@code namespace}, or the name of a job
 * @param text what was found
 * @param advice what to do; empty if nothing has to be done
 */
record Finding(Level level, String check, String text, String advice) {
    enum Level {
        OK,
        /** A run works, but something is missing or will fail later. */
        WARNING,
        /** No run works until it is corrected. */
        FAILED
    }

    static Finding ok(String check, String text) {
        return new Finding(Level.OK, check, text, "");
    }

    static Finding warning(String check, String text, String advice) {
        return new Finding(Level.WARNING, check, text, advice);
    }

    static Finding failed(String check, String text, String advice) {
        return new Finding(Level.FAILED, check, text, advice);
    }

    private String word() {
        return level == Level.FAILED ? "FAILED" : level.name().toLowerCase(Locale.ROOT);
    }

    List<String> row() {
        return List.of(word(), check, text + (advice.isEmpty() ? "" : "; " + advice));
    }

    ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("level", level.name().toLowerCase(Locale.ROOT))
                .put("check", check)
                .put("finding", text)
                .put("advice", advice.isEmpty() ? null : advice);
    }
}
