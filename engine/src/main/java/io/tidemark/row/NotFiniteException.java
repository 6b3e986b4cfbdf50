package io.tidemark.row;

import io.tidemark.job.AggregationSpec;

/** A value of a row is not a finite number, because its sum is beyond the range of a double. */
public final class NotFiniteException extends Exception {
    private static final long serialVersionUID = 1;

    private final String name;

    NotFiniteException(AggregationSpec aggregation) {
        super("aggregate." + aggregation.name() + ": "
                + (aggregation.own() == null
                        ? "the " + aggregation.function().jsonName() + " of " + aggregation.field()
                                + " is not a finite number; the sum of its values is beyond the range of a double"
                        : "the value of " + aggregation.own().use() + " has a number that is not finite"));
        name = aggregation.name();
    }

    /** The name of the value in the row. */
    public String name() {
        return name;
    }
}
