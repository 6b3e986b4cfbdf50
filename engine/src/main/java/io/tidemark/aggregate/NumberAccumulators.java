package io.tidemark.aggregate;

import io.tidemark.number.Moments;
import io.tidemark.number.Squares192;
import io.tidemark.number.Sum128;
import io.tidemark.part.NumberEdge;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The accumulators that are some numbers of a cell. */
final class NumberAccumulators {
    private NumberAccumulators() {}

    /** A sum of doubles: the sum, and the rounding error that it has lost so far (Neumaier 1974). */
    static final class SumOfDoubles extends Accumulator {
        SumOfDoubles(String name, int operand, @Nullable CountOf counter) {
            super(name, operand, counter);
        }

        @Override
        int doubles() {
            return 2;
        }

        @Override
        List<Column> columns() {
            return List.of(new Column.Real(name, doubleAt), new Column.Real("compensation of " + name, doubleAt + 1));
        }

        @Override
        void add(AccumulatorTable cells, int slot, long count, Inputs record) {
            add(cells, slot, record.doubles[operand]);
        }

        @Override
        void merge(
                AccumulatorTable cells, int slot, long count, AccumulatorTable other, int otherSlot, long otherCount) {
            add(cells, slot, other.real(otherSlot, doubleAt));
            cells.real(slot, doubleAt + 1, cells.real(slot, doubleAt + 1) + other.real(otherSlot, doubleAt + 1));
        }

        private void add(AccumulatorTable cells, int slot, double value) {
            double sum = cells.real(slot, doubleAt);
            double next = sum + value;
            double lost = Math.abs(sum) >= Math.abs(value) ? (sum - next) + value : (value - next) + sum;
            cells.real(slot, doubleAt, next);
            cells.real(slot, doubleAt + 1, cells.real(slot, doubleAt + 1) + lost);
        }

        double sum(AccumulatorTable cells, int slot) {
            return cells.real(slot, doubleAt) + cells.real(slot, doubleAt + 1);
        }
    }

    /** The smallest or the largest double. */
    static final class ExtremeOfDoubles extends Accumulator {
        private final boolean largest;

        ExtremeOfDoubles(String name, int operand, @Nullable CountOf counter, boolean largest) {
            super(name, operand, counter);
            this.largest = largest;
        }

        @Override
        int doubles() {
            return 1;
        }

        @Override
        List<Column> columns() {
            return List.of(new Column.Real(name, doubleAt));
        }

        @Override
        void clear(AccumulatorTable cells, int slot) {
            cells.real(slot, doubleAt, largest ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }

        @Override
        void merge(
                AccumulatorTable cells, int slot, long count, AccumulatorTable other, int otherSlot, long otherCount) {
            add(cells, slot, other.real(otherSlot, doubleAt));
        }

        @Override
        void add(AccumulatorTable cells, int slot, long count, Inputs record) {
            add(cells, slot, record.doubles[operand]);
        }

        private void add(AccumulatorTable cells, int slot, double value) {
            double old = cells.real(slot, doubleAt);
            cells.real(slot, doubleAt, largest ? Math.max(old, value) : Math.min(old, value));
        }
    }

    /** Mean and variance of doubles; see {@link Moments}. */
    static final class MomentsOfDoubles extends Accumulator {
        MomentsOfDoubles(String name, int operand, @Nullable CountOf counter) {
            super(name, operand, counter);
        }

        @Override
        int doubles() {
            return Moments.DOUBLES;
        }

        @Override
        List<Column> columns() {
            return List.of(new Column.Real("mean of " + name, doubleAt), new Column.Real(name, doubleAt + 1));
        }

        @Override
        void add(AccumulatorTable cells, int slot, long count, Inputs record) {
            Moments.add(cells.doubles, doubleAt(cells, slot), count(cells, slot, count), record.doubles[operand]);
        }

        @Override
        void merge(
                AccumulatorTable cells, int slot, long count, AccumulatorTable other, int otherSlot, long otherCount) {
            Moments.merge(
                    cells.doubles,
                    doubleAt(cells, slot),
                    count(cells, slot, count),
                    other.doubles,
                    doubleAt(other, otherSlot),
                    count(other, otherSlot, otherCount));
        }
    }

    /** An exact sum of integers or decimals. */
    static final class SumOfLongs extends Accumulator {
        private final int scale;

        SumOfLongs(String name, int operand, @Nullable CountOf counter, int scale) {
            super(name, operand, counter);
            this.scale = scale;
        }

        @Override
        int longs() {
            return Sum128.LONGS;
        }

        @Override
        List<Column> columns() {
            return List.of(new Column.Sum(name, longAt, scale));
        }

        @Override
        void add(AccumulatorTable cells, int slot, long count, Inputs record) {
            Sum128.add(cells.longs, longAt(cells, slot), record.longs[operand]);
        }

        @Override
        void merge(
                AccumulatorTable cells, int slot, long count, AccumulatorTable other, int otherSlot, long otherCount) {
            Sum128.merge(cells.longs, longAt(cells, slot), other.longs, longAt(other, otherSlot));
        }
    }

    /** An exact sum of squares of integers or decimals. */
    static final class SquaresOfLongs extends Accumulator {
        private final int scale;

        SquaresOfLongs(String name, int operand, @Nullable CountOf counter, int scale) {
            super(name, operand, counter);
            this.scale = scale;
        }

        @Override
        int longs() {
            return Squares192.LONGS;
        }

        @Override
        List<Column> columns() {
            return List.of(new Column.Squares(name, longAt, scale));
        }

        @Override
        void add(AccumulatorTable cells, int slot, long count, Inputs record) {
            Squares192.add(cells.longs, longAt(cells, slot), record.longs[operand]);
        }

        @Override
        void merge(
                AccumulatorTable cells, int slot, long count, AccumulatorTable other, int otherSlot, long otherCount) {
            Squares192.merge(cells.longs, longAt(cells, slot), other.longs, longAt(other, otherSlot));
        }
    }

    /** The smallest or the largest integer or decimal. */
    static final class ExtremeOfLongs extends Accumulator {
        private final boolean largest;

        ExtremeOfLongs(String name, int operand, @Nullable CountOf counter, boolean largest) {
            super(name, operand, counter);
            this.largest = largest;
        }

        @Override
        int longs() {
            return 1;
        }

        @Override
        List<Column> columns() {
            return List.of(new Column.Whole(name, longAt));
        }

        @Override
        void clear(AccumulatorTable cells, int slot) {
            cells.whole(slot, longAt, largest ? Long.MIN_VALUE : Long.MAX_VALUE);
        }

        @Override
        void add(AccumulatorTable cells, int slot, long count, Inputs record) {
            add(cells, slot, record.longs[operand]);
        }

        @Override
        void merge(
                AccumulatorTable cells, int slot, long count, AccumulatorTable other, int otherSlot, long otherCount) {
            add(cells, slot, other.whole(otherSlot, longAt));
        }

        private void add(AccumulatorTable cells, int slot, long value) {
            long old = cells.whole(slot, longAt);
            cells.whole(slot, longAt, largest ? Math.max(old, value) : Math.min(old, value));
        }
    }

    /** The integer or decimal of the first or the last record. */
    static final class EdgeOfLongs extends Accumulator {
        private final boolean last;

        EdgeOfLongs(String name, int operand, @Nullable CountOf counter, boolean last) {
            super(name, operand, counter);
            this.last = last;
        }

        @Override
        int longs() {
            return NumberEdge.LONGS;
        }

        @Override
        List<Column> columns() {
            return List.of(
                    new Column.Whole("time of " + name, longAt),
                    new Column.Whole("place of " + name, longAt + 1),
                    new Column.Whole("offset of " + name, longAt + 2),
                    new Column.Whole(name, longAt + 3));
        }

        @Override
        void add(AccumulatorTable cells, int slot, long count, Inputs record) {
            NumberEdge.add(
                    cells.longs,
                    longAt(cells, slot),
                    last,
                    record.time,
                    record.partition,
                    record.offset,
                    record.longs[operand]);
        }

        @Override
        void merge(
                AccumulatorTable cells, int slot, long count, AccumulatorTable other, int otherSlot, long otherCount) {
            NumberEdge.merge(cells.longs, longAt(cells, slot), last, other.longs, longAt(other, otherSlot));
        }
    }
}
