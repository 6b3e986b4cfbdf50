package io.tidemark.job;

import io.tidemark.job.form.InvalidJobException;
import io.tidemark.job.form.Spelling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The fields of a row, in their order: the name of each, and the name of what it shows. Without fields a row has the
 * window, the groups and the aggregates of the job.
 */
public record RowShape(List<Field> fields) {
    /** The default: window, groups and aggregates. */
    public static final RowShape DEFAULT = new RowShape(List.of());

    /**
     * A field as the job has it.
     *
     * @param source the name of what it shows, without braces
     */
    public record Field(String name, String source) {}

    /** What a field of a row shows. */
    public enum Kind {
        /** The text that names the window. */
        WINDOW,
        /** The start of the window, as a time with its offset in the zone of the window. */
        WINDOW_START,
        /** The end of the window, exclusive, in the same form. */
        WINDOW_END,
        /** The start of the window in milliseconds since 1970. */
        WINDOW_START_MILLIS,
        /** The end of the window, exclusive, in milliseconds since 1970. */
        WINDOW_END_MILLIS,
        /** A group. */
        GROUP,
        /** An aggregate. */
        AGGREGATE,
        /** The number of records. */
        COUNT
    }

    /**
     * A field with what it shows.
     *
     * @param index which group or aggregate; 0 for all other kinds
     */
    public record Column(String name, Kind kind, int index) {}

    /** Copies the list. */
    public RowShape {
        fields = List.copyOf(fields);
    }

    /**
     * The columns of a row.
     *
     * @throws InvalidJobException if a field shows what the job does not have, or if no field shows one of the aggregates
     */
    List<Column> columns(WindowSpec window, List<String> groupNames, List<AggregationSpec> aggregate) {
        // A name of the job's own comes before one that all jobs have.
        Map<String, Column> own = new LinkedHashMap<>();
        if (!window.fieldName().isEmpty()) {
            own.put(window.fieldName(), new Column(window.fieldName(), Kind.WINDOW, 0));
        }
        for (String each : groupNames) {
            own.put(each, new Column(each, Kind.GROUP, groupNames.indexOf(each)));
        }
        for (int i = 0; i < aggregate.size(); i++) {
            own.put(aggregate.get(i).name(), new Column(aggregate.get(i).name(), Kind.AGGREGATE, i));
        }
        if (fields.isEmpty()) {
            return List.copyOf(own.values());
        }
        Map<String, Column> known = new LinkedHashMap<>(common(window));
        known.putAll(own);
        List<Column> columns = new ArrayList<>();
        for (Field each : fields) {
            Column shown = known.get(each.source());
            if (shown == null) {
                String hint = Spelling.hint(each.source(), known.keySet());
                throw new InvalidJobException(
                        "output.row." + each.name(),
                        "names {" + each.source() + "}, which the job does not have"
                                + (hint.isEmpty()
                                        ? "; known here are " + String.join(", ", new TreeSet<>(known.keySet()))
                                        : hint));
            }
            columns.add(new Column(each.name(), shown.kind(), shown.index()));
        }
        for (int i = 0; i < aggregate.size(); i++) {
            int index = i;
            if (columns.stream().noneMatch(each -> each.kind() == Kind.AGGREGATE && each.index() == index)) {
                String name = aggregate.get(i).name();
                throw new InvalidJobException(
                        "output.row",
                        "lacks {" + name + "}; add it, or remove aggregate." + name + ", which no row shows");
            }
        }
        return List.copyOf(columns);
    }

    /** What the rows of all jobs can show; without windows only the count. */
    private static Map<String, Column> common(WindowSpec window) {
        Map<String, Column> common = new LinkedHashMap<>();
        if (!window.fieldName().isEmpty()) {
            common.put("window", new Column("window", Kind.WINDOW, 0));
            common.put("window.start", new Column("window.start", Kind.WINDOW_START, 0));
            common.put("window.end", new Column("window.end", Kind.WINDOW_END, 0));
            common.put("window.startMillis", new Column("window.startMillis", Kind.WINDOW_START_MILLIS, 0));
            common.put("window.endMillis", new Column("window.endMillis", Kind.WINDOW_END_MILLIS, 0));
        }
        common.put("count", new Column("count", Kind.COUNT, 0));
        return common;
    }
}
