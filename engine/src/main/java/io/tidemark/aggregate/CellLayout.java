package io.tidemark.aggregate;

import io.tidemark.job.AggregationSpec;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.JobSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * What a cell holds: the number of records, and for each numeric field the sum, the smallest and the largest value, as
 * far as the job's aggregations need them. Aggregations of one field share them: a mean and a sum need one sum.
 *
 * <p>A sum is two doubles: the sum itself, and the rounding error that it has lost so far (Neumaier 1974).
 */
public final class CellLayout {
    private final int groups;
    private final List<String> fields = new ArrayList<>();
    private final List<String> columns = new ArrayList<>();
    private final List<AggregationSpec> aggregations;
    // For each double: its kind, and the number of the field that it is computed from.
    private final Kind[] kinds;
    private final int[] sources;

    private enum Kind {
        SUM,
        COMPENSATION,
        MIN,
        MAX
    }

    private CellLayout(JobSpec job) {
        groups = job.groupBy().size();
        aggregations = job.aggregate();
        Map<String, TreeSet<Kind>> wanted = new LinkedHashMap<>();
        for (AggregationSpec each : aggregations) {
            if (each.field() != null) {
                TreeSet<Kind> kinds = wanted.computeIfAbsent(each.field(), field -> new TreeSet<>());
                kinds.add(kind(each.function()));
                if (kinds.contains(Kind.SUM)) {
                    kinds.add(Kind.COMPENSATION);
                }
            }
        }
        List<Kind> all = new ArrayList<>();
        List<Integer> from = new ArrayList<>();
        wanted.forEach((field, kinds) -> {
            for (Kind kind : kinds) {
                all.add(kind);
                from.add(fields.size());
                columns.add(column(kind, field));
            }
            fields.add(field);
        });
        kinds = all.toArray(new Kind[0]);
        sources = from.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The layout for a job; it depends only on the job's fingerprint. */
    public static CellLayout of(JobSpec job) {
        return new CellLayout(job);
    }

    private static Kind kind(Function function) {
        return switch (function) {
            case SUM, MEAN, COUNT -> Kind.SUM;
            case MIN -> Kind.MIN;
            case MAX -> Kind.MAX;
        };
    }

    private static String column(Kind kind, String field) {
        return kind.name().toLowerCase(Locale.ROOT) + "(" + field + ")";
    }

    /** How many fields a group has. */
    public int groups() {
        return groups;
    }

    /** Paths of the numeric fields, each once; {@link CellTable#add} takes their values in this order. */
    public List<String> fields() {
        return List.copyOf(fields);
    }

    /** Names of the doubles, in their order: {@code sum(voltage)}, {@code compensation(voltage)}. */
    public List<String> columns() {
        return List.copyOf(columns);
    }

    /** How many doubles a cell has. */
    public int doubles() {
        return kinds.length;
    }

    /** How an aggregation is computed from a cell. Looks the columns up, so ask once for each job, not for each row. */
    public Result result(AggregationSpec aggregation) {
        String field = aggregation.field();
        return new Result(
                aggregation.function(),
                field == null ? -1 : columns.indexOf(column(kind(aggregation.function()), field)));
    }

    /** Computes one aggregation from the cells of a layout's tables. */
    public static final class Result {
        private final Function function;
        /** The first of the columns that the function needs; -1 for a count. */
        private final int column;

        private Result(Function function, int column) {
            this.function = function;
            this.column = column;
        }

        /** The value for a cell. A sum or mean is not finite if the sum is beyond the range of a double. */
        public double of(CellTable table, int slot) {
            return switch (function) {
                case COUNT -> table.count(slot);
                case SUM -> table.value(slot, column) + table.value(slot, column + 1);
                case MEAN -> (table.value(slot, column) + table.value(slot, column + 1)) / table.count(slot);
                case MIN, MAX -> table.value(slot, column);
            };
        }
    }

    boolean sameAs(CellLayout other) {
        return groups == other.groups && columns.equals(other.columns);
    }

    /** Sets the doubles of a cell without records. */
    void clear(double[] values, int at) {
        for (int i = 0; i < kinds.length; i++) {
            values[at + i] = kinds[i] == Kind.MIN
                    ? Double.POSITIVE_INFINITY
                    : kinds[i] == Kind.MAX ? Double.NEGATIVE_INFINITY : 0;
        }
    }

    /** Adds one record. */
    void add(double[] values, int at, double[] record) {
        for (int i = 0; i < kinds.length; i++) {
            double value = record[sources[i]];
            switch (kinds[i]) {
                case SUM -> addTo(values, at + i, value);
                case MIN -> values[at + i] = Math.min(values[at + i], value);
                case MAX -> values[at + i] = Math.max(values[at + i], value);
                case COMPENSATION -> {
                    // Updated together with its sum, which is the column before it.
                }
            }
        }
    }

    /** Adds another cell. */
    void merge(double[] values, int at, double[] others, int from) {
        for (int i = 0; i < kinds.length; i++) {
            double other = others[from + i];
            switch (kinds[i]) {
                case SUM -> addTo(values, at + i, other);
                case COMPENSATION -> values[at + i] += other;
                case MIN -> values[at + i] = Math.min(values[at + i], other);
                case MAX -> values[at + i] = Math.max(values[at + i], other);
            }
        }
    }

    private static void addTo(double[] values, int i, double value) {
        double sum = values[i];
        double next = sum + value;
        values[i + 1] += Math.abs(sum) >= Math.abs(value) ? (sum - next) + value : (value - next) + sum;
        values[i] = next;
    }

    @Override
    public String toString() {
        return "count, " + String.join(", ", columns);
    }
}
