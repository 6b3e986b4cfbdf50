package io.tidemark.aggregate;

import io.tidemark.job.AggregationSpec;
import io.tidemark.job.JobSpec;
import io.tidemark.part.PartKind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What cells hold besides the count and the doubles of {@link CellLayout#columns}: the accumulators of all aggregates that
 * {@link AggregationSpec#isPlain} does not have. Jobs of version 0.1 have none. Immutable; safe for use by several threads.
 */
public final class Accumulators {
    private final List<Operand> operands;
    private final Accumulator[] all;
    private final Map<String, RowValue> rowValues;
    private final int doubles;
    private final int longs;
    private final int parts;
    /** Of the parts of a cell, in their order. */
    private final PartKind<?>[] kinds;

    private final String text;
    private final int signature;

    private Accumulators(JobSpec job) {
        AccumulatorPlan plan = new AccumulatorPlan(job);
        rowValues = new LinkedHashMap<>();
        for (AggregationSpec each : job.aggregate()) {
            if (!each.isPlain()) {
                rowValues.put(each.name(), plan.add(each));
            }
        }
        operands = plan.operands();
        all = plan.accumulators().toArray(Accumulator[]::new);
        int doubleAt = 0;
        int longAt = 0;
        int partAt = 0;
        for (int i = 1; i < all.length; i++) {
            all[i - 1].next = all[i];
        }
        for (Accumulator each : all) {
            each.doubleAt = doubleAt;
            each.longAt = longAt;
            each.partAt = partAt;
            doubleAt += each.doubles();
            longAt += each.longs();
            partAt += each.parts();
        }
        doubles = doubleAt;
        longs = longAt;
        parts = partAt;
        kinds = Arrays.stream(all)
                .filter(each -> each instanceof PartAccumulator<?>)
                .map(each -> ((PartAccumulator<?>) each).kind())
                .toArray(PartKind<?>[]::new);
        text = String.join("; ", Arrays.stream(all).map(each -> each.name).toList());
        CRC32C checksum = new CRC32C();
        checksum.update(text.getBytes(StandardCharsets.UTF_8));
        signature = (int) checksum.getValue();
    }

    static Accumulators of(JobSpec job) {
        return new Accumulators(job);
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return all.length == 0;
    }

    /** What is read of each record, in the order of {@link Inputs}. */
    public List<Operand> operands() {
        return operands;
    }

    /** The first one that records are added to; null if there are none. */
    @Nullable
    Accumulator first() {
        return all.length == 0 ? null : all[0];
    }

    /** In this order records are added. */
    Accumulator[] all() {
        return all;
    }

    /** How many doubles a cell has for them. */
    public int doubles() {
        return doubles;
    }

    /** How many longs a cell has. */
    public int longs() {
        return longs;
    }

    /** How many parts a cell has. */
    public int parts() {
        return parts;
    }

    /** The kind of a part. */
    public PartKind<?> part(int i) {
        return kinds[i];
    }

    /** The columns of a staged file. */
    public List<Column> columns() {
        return Arrays.stream(all).flatMap(each -> each.columns().stream()).toList();
    }

    /** How the value of an aggregate is computed. */
    RowValue rowValue(AggregationSpec spec) {
        RowValue value = rowValues.get(spec.name());
        if (value == null) {
            throw new IllegalArgumentException("aggregate." + spec.name() + " has no accumulator of its own");
        }
        return value;
    }

    /** CRC-32C over what they are and in which order. Stored cells are only read by a layout with the same. */
    public int signature() {
        return signature;
    }

    /** The most bytes that a cell takes in the heap for them. */
    public long maxBytes() {
        return 8L * (doubles + longs + parts)
                + Arrays.stream(kinds).mapToLong(PartKind::maxBytes).sum();
    }

    @Override
    public String toString() {
        return text;
    }
}
