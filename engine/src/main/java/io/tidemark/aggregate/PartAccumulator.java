package io.tidemark.aggregate;

import io.tidemark.part.LimitException;
import io.tidemark.part.Part;
import io.tidemark.part.PartKind;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An accumulator that is a part of a cell. The part is made for the first record that counts. */
final class PartAccumulator<P extends Part> extends Accumulator {
    private final PartKind<P> kind;
    private final Adder<P> adder;
    /** The operands that it needs besides. A record that does not count for one of them does not count. */
    private final int[] others;

    /** Adds the operand of a record to a part. */
    interface Adder<P> {
        void add(P part, Inputs record, int operand) throws LimitException;
    }

    PartAccumulator(String name, int operand, @Nullable CountOf counter, PartKind<P> kind, Adder<P> adder) {
        super(name, operand, counter);
        this.kind = kind;
        this.adder = adder;
        others = new int[0];
    }

    /** An accumulator of several operands, at least one; nothing counts its records. */
    PartAccumulator(String name, PartKind<P> kind, Adder<P> adder, int[] operands) {
        super(name, operands[0], null);
        this.kind = kind;
        this.adder = adder;
        others = Arrays.copyOfRange(operands, 1, operands.length);
    }

    PartKind<P> kind() {
        return kind;
    }

    @Override
    int parts() {
        return 1;
    }

    @Override
    List<Column> columns() {
        return List.of(new Column.Encoded(name, partAt, kind));
    }

    @Override
    void add(AccumulatorTable cells, int slot, long count, Inputs record) throws LimitException {
        for (int each : others) {
            if (!record.present[each]) {
                return;
            }
        }
        P part = present(cells, slot);
        int before = part == null ? 0 : part.bytes();
        if (part == null) {
            part = create(cells, slot);
        }
        adder.add(part, record, operand);
        cells.grow(part.bytes() - before);
    }

    @Override
    void merge(AccumulatorTable cells, int slot, long count, AccumulatorTable other, int otherSlot, long otherCount)
            throws LimitException {
        Part from = other.part(otherSlot, partAt);
        if (from == null) {
            return;
        }
        P part = present(cells, slot);
        int before = part == null ? 0 : part.bytes();
        if (part == null) {
            part = create(cells, slot);
        }
        part.merge(from);
        cells.grow(part.bytes() - before);
    }

    private P create(AccumulatorTable cells, int slot) {
        P part = kind.create();
        cells.part(slot, partAt, part);
        return part;
    }

    /** The part of a cell; null if no record counted for it. */
    @SuppressWarnings("unchecked") // only parts of this kind are stored at this place
    @Nullable
    P present(AccumulatorTable cells, int slot) {
        return (P) cells.part(slot, partAt);
    }
}
