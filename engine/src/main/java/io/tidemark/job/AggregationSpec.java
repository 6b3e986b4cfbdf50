package io.tidemark.job;

import io.tidemark.job.form.ChoiceForm;
import io.tidemark.job.form.InvalidJobException;
import org.jspecify.annotations.Nullable;

/**
 * One value of a row.
 *
 * @param name the name of the value in the output row
 * @param function how records become the value
 * @param field path of the JSON number that is read from each record; null for {@link Function#COUNT} only
 */
public record AggregationSpec(
        String name, Function function, @Nullable String field) {

    /** How records become one value. */
    public enum Function {
        /** The number of records. */
        COUNT,
        /** The sum as a double, compensated for rounding (Neumaier 1974). */
        SUM,
        /** The sum divided by the count. */
        MEAN,
        /** The smallest value. */
        MIN,
        /** The largest value. */
        MAX;

        /** The name in a job file: {@code count}, {@code mean}. */
        public String jsonName() {
            return ChoiceForm.name(this);
        }
    }

    /** Refuses a count with a field, and anything else without one. */
    public AggregationSpec {
        if ((function == Function.COUNT) != (field == null)) {
            throw new InvalidJobException(
                    "aggregate." + name,
                    function == Function.COUNT
                            ? "count takes no field; write count"
                            : function.jsonName() + " needs a field; write { " + function.jsonName() + ": voltage }");
        }
    }
}
