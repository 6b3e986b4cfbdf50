package io.tidemark.aggregate;

import io.tidemark.aggregator.Arguments;
import java.util.Arrays;

/** The operands of a record as the arguments of a plugin. */
record OwnArguments(Inputs record, int[] operands) implements Arguments {
    @Override
    public double number(int i) {
        return record.doubles[operands[i]];
    }

    @Override
    public long integer(int i) {
        return record.longs[operands[i]];
    }

    @Override
    public String text(int i) {
        GroupKey value = record.values[operands[i]];
        return GroupKey.values(Arrays.copyOf(value.bytes(), value.length()))
                .get(0)
                .text();
    }

    @Override
    public long timeMillis() {
        return record.time;
    }

    @Override
    public int partition() {
        return record.partition;
    }

    @Override
    public long offset() {
        return record.offset;
    }
}
