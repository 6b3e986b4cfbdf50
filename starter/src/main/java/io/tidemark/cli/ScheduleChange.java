package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What has to be done so that a schedule says what its file says.
 *
 * @param file the file; null if the schedule is to be deleted, because it has none any more
 * @param fields the fields that differ; those of a new schedule are compared with nothing
 */
record ScheduleChange(
        Action action,
        String scheduleId,
        String job,
        @Nullable ScheduleFile file,
        List<Difference> fields) {
    enum Action {
        CREATE,
        UPDATE,
        DELETE,
        NONE
    }

    /**
     * A field in which a schedule and its file differ.
     *
     * @param from what the schedule says; empty for nothing
     * @param to what the file says; empty for nothing
     */
    record Difference(String field, String from, String to) {}

    static List<Difference> differences(Map<String, String> from, Map<String, String> to) {
        TreeSet<String> names = new TreeSet<>(from.keySet());
        names.addAll(to.keySet());
        List<Difference> found = new ArrayList<>();
        for (String each : names) {
            String before = from.getOrDefault(each, "");
            String after = to.getOrDefault(each, "");
            if (!before.equals(after)) {
                found.add(new Difference(each, before, after));
            }
        }
        return found;
    }

    /** Prints the schedule with a mark, and the fields that differ. */
    void print(Printer printer) {
        printer.line(
                switch (action) {
                    case CREATE -> "+ " + scheduleId + ": create, by " + path();
                    case UPDATE -> "~ " + scheduleId + ": update, by " + path();
                    case DELETE -> "- " + scheduleId + ": delete, because no file is for the job " + job;
                    case NONE -> "  " + scheduleId + ": no change";
                });
        if (action == Action.UPDATE || action == Action.CREATE) {
            int width = fields.stream()
                    .mapToInt(each -> each.field().length())
                    .max()
                    .orElse(0);
            for (Difference each : fields) {
                printer.line(
                        "    " + each.field() + " ".repeat(width - each.field().length()) + "  "
                                + (action == Action.CREATE ? "" : shown(each.from()) + " → ") + shown(each.to()));
            }
        }
    }

    private String path() {
        return file == null ? "" : file.path().toString();
    }

    private static String shown(String value) {
        return value.isEmpty() ? "(not set)" : value;
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("action", action.name().toLowerCase(Locale.ROOT))
                .put("scheduleId", scheduleId)
                .put("job", job)
                .put("file", file == null ? null : file.path().toString());
        ArrayNode all = json.putArray("fields");
        for (Difference each : fields) {
            all.addObject()
                    .put("field", each.field())
                    .put("from", each.from().isEmpty() ? null : each.from())
                    .put("to", each.to().isEmpty() ? null : each.to());
        }
        return json;
    }
}
