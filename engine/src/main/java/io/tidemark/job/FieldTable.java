package io.tidemark.job;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.tidemark.job.form.Field;
import io.tidemark.job.form.Field.Meaning;
import io.tidemark.job.form.Form;
import io.tidemark.job.form.RecordForm;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The table of fields in {@code docs/reference/job-file.md}, made from {@link JobFields}. */
public final class FieldTable {
    private FieldTable() {}

    /** A line of the table. */
    private record Row(Set<String> values, Set<String> abouts, String fallback, boolean isFixed) {

        /** Adds what a field with the same path says, which belongs to another kind of the same object. */
        Row and(Row other) {
            values.addAll(other.values);
            abouts.addAll(other.abouts);
            return this;
        }
    }

    /** The table in Markdown, one line for each field. */
    public static String markdown() {
        Map<String, Row> rows = new LinkedHashMap<>();
        collect("", JobFields.JOB, rows);
        StringBuilder table = new StringBuilder();
        table.append("| field | value | default | can change | meaning |\n|---|---|---|---|---|\n");
        rows.forEach((path, row) -> table.append(String.format(
                Locale.ROOT,
                "| `%s` | %s | %s | %s | %s |\n",
                path,
                String.join(", ", row.values()),
                row.fallback(),
                row.isFixed() ? "no" : "yes",
                String.join(" ", row.abouts()))));
        return table.toString();
    }

    private static void collect(String parent, Form<?> form, Map<String, Row> rows) {
        List<Field<?>> fields = form.children();
        // A field that only some kinds of an object have is not required, whatever those kinds say.
        Map<String, Long> kinds = fields.stream().collect(groupingBy(Field::name, counting()));
        long most = kinds.values().stream().mapToLong(each -> each).max().orElse(0);
        for (Field<?> each : fields) {
            String path = parent + each.name();
            String fallback = each.defaultText();
            if (each.required() && kinds.getOrDefault(each.name(), 0L) == most) {
                fallback = "required";
            }
            // An object that only holds fields has no line of its own.
            if (!(each.form() instanceof RecordForm)) {
                Row row = new Row(
                        new LinkedHashSet<>(List.of(each.form().expected())),
                        new LinkedHashSet<>(List.of(each.about())),
                        fallback == null ? "" : fallback,
                        each.meaning() != Meaning.NONE);
                rows.merge(path, row, Row::and);
            }
            collect(path + "." + each.form().childrenAt(), each.form(), rows);
        }
    }
}
