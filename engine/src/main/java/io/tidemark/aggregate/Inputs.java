package io.tidemark.aggregate;

import java.util.List;

/**
 * The operands of one record, by their numbers in {@link Accumulators#operands}. It is made once and filled for each record.
 *
 * <p>Not safe for use by several threads.
 */
public final class Inputs {
    /** The record's event time, in milliseconds since 1970. */
    long time;
    /** The record's place in its topic. */
    int partition;

    long offset;

    final boolean[] present;
    final double[] doubles;
    final long[] longs;
    final GroupKey[] values;

    /**
     * Room for these operands.
     *
     * @param mostBytes the most bytes of a text or number as a value
     */
    public Inputs(List<Operand> operands, int mostBytes) {
        present = new boolean[operands.size()];
        doubles = new double[operands.size()];
        longs = new long[operands.size()];
        values = new GroupKey[operands.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = new GroupKey(mostBytes, "makes the value of an aggregate longer than");
        }
    }

    /** Sets the record's event time, and its place. */
    public void at(long eventTime, int recordPartition, long recordOffset) {
        time = eventTime;
        partition = recordPartition;
        offset = recordOffset;
    }

    /** Says that the record does not count for an operand. */
    public void skip(int operand) {
        present[operand] = false;
    }

    /** Says that the record counts for an operand, whose value is set or has none. */
    public void take(int operand) {
        present[operand] = true;
    }

    /** Sets the value of an operand of doubles. */
    public void take(int operand, double value) {
        present[operand] = true;
        doubles[operand] = value;
    }

    /** Sets the value of an operand of integers or decimals. */
    public void take(int operand, long units) {
        present[operand] = true;
        longs[operand] = units;
    }

    /** What holds the typed value of an operand; to be cleared and filled. */
    public GroupKey value(int operand) {
        return values[operand];
    }
}
