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
import org.jspecify.annotations.Nullable;

/**
 * What a cell holds: the number of records, and for each numeric field the sum, the smallest and the largest value, as
 * far as the job's plain aggregates ({@link AggregationSpec#isPlain}) need them. Aggregates of one field share them: a mean
 * and a sum need one sum. All other aggregates have {@link Accumulators}.
 *
 * <p>A sum is two doubles: the sum itself, and the rounding error that it has lost so far (Neumaier 1974).
 */
public final class CellLayout {
    private final int groups;
    private final List<String> fields = new ArrayList<>();
    private final List<String> columns = new ArrayList<>();
    private final List<AggregationSpec> aggregations;
    /** The kind of each double. */
    private final Kind[] kinds;

    /** The first of the doubles that a record changes; a compensation changes together with its sum, the column before it. */
    private final @Nullable Total totals;

    private final Accumulators accumulators;

    /** Linked, because the compiler makes better code of a short list than of an array. */
    private static final class Total {
        final Kind kind;
        final int column;
        final int source;
        final @Nullable Total next;

        Total(Kind kind, int column, int source, @Nullable Total next) {
            this.kind = kind;
            this.column = column;
            this.source = source;
            this.next = next;
        }
    }

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
            if (each.field() != null && each.isPlain()) {
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
        accumulators = Accumulators.of(job);
        Total next = null;
        for (int i = kinds.length - 1; i >= 0; i--) {
            next = kinds[i] == Kind.COMPENSATION ? next : new Total(kinds[i], i, from.get(i), next);
        }
        totals = next;
    }

    /**
     * The layout for a job; it depends only on the job's fingerprint, and on the versions of the plugins that it uses.
     *
     * @throws IllegalStateException if the job uses plugins and has not been given their code by {@link OwnAggregates#bind}
     */
    public static CellLayout of(JobSpec job) {
        return new CellLayout(job);
    }

    private static Kind kind(Function function) {
        return switch (function) {
            case SUM, MEAN, COUNT -> Kind.SUM;
            case MIN -> Kind.MIN;
            case MAX -> Kind.MAX;
            case VARIANCE, STDDEV, FIRST, LAST, DISTINCT, QUANTILE, LARGEST, SMALLEST, FREQUENT, USE ->
                throw new IllegalArgumentException(function + " has accumulators of its own");
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

    /** What a cell holds besides. */
    public Accumulators accumulators() {
        return accumulators;
    }

    /**
     * How the value of an aggregate is computed from a cell. Looks the columns up, so ask once for each job, not for each
     * row.
     */
    public RowValue rowValue(AggregationSpec spec) {
        if (!spec.isPlain()) {
            return accumulators.rowValue(spec);
        }
        String field = spec.field();
        int column = field == null ? -1 : columns.indexOf(column(kind(spec.function()), field));
        return switch (spec.function()) {
            case COUNT -> (table, slot, out) -> out.digits(Long.toString(table.count(slot)));
            case SUM -> (table, slot, out) -> out.real(sum(table, slot, column));
            case MEAN -> (table, slot, out) -> out.real(sum(table, slot, column) / table.count(slot));
            default -> (table, slot, out) -> out.real(table.value(slot, column));
        };
    }

    private static double sum(CellTable table, int slot, int column) {
        return table.value(slot, column) + table.value(slot, column + 1);
    }

    boolean sameAs(CellLayout other) {
        return groups == other.groups
                && columns.equals(other.columns)
                && accumulators.toString().equals(other.accumulators.toString());
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
        for (Total each = totals; each != null; each = each.next) {
            double value = record[each.source];
            int i = at + each.column;
            switch (each.kind) {
                case SUM -> addTo(values, i, value);
                case MIN -> values[i] = Math.min(values[i], value);
                case MAX -> values[i] = Math.max(values[i], value);
                case COMPENSATION -> throw new IllegalStateException("it is updated together with its sum");
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
        return "count, " + String.join(", ", columns) + (accumulators.isEmpty() ? "" : "; " + accumulators);
    }
}
