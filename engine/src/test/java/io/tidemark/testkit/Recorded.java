package io.tidemark.testkit;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.ValueWriter;
import io.tidemark.job.AggregationSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps what a value of a row is: null, text of digits, a double, a group's value, or a list of them. */
public final class Recorded implements ValueWriter {
    private final List<@Nullable Object> values = new ArrayList<>();

    private Recorded() {}

    /** The values that an aggregate of a cell writes; one, unless it is a list. */
    public static List<@Nullable Object> of(CellLayout layout, AggregationSpec spec, CellTable table, int slot) {
        Recorded recorded = new Recorded();
        try {
            layout.rowValue(spec).write(table, slot, recorded);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return recorded.values;
    }

    /** The same for one number, as a double. */
    public static double real(CellLayout layout, AggregationSpec spec, CellTable table, int slot) {
        return Double.parseDouble(String.valueOf(of(layout, spec, table, slot).get(0)));
    }

    @Override
    public void none() {
        values.add(null);
    }

    @Override
    public void digits(String number) {
        values.add(number);
    }

    @Override
    public void real(double number) {
        values.add(number);
    }

    @Override
    public void value(GroupValue value) {
        values.add(value);
    }

    @Override
    public void counted(GroupValue value, long atLeast, long atMost) {
        values.add(List.of(value, atLeast, atMost));
    }

    @Override
    public void startObject() {}

    @Override
    public void field(String name) {}

    @Override
    public void endObject() {}

    @Override
    public void startList() {}

    @Override
    public void endList() {}
}
