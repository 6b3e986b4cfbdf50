package io.tidemark.job;

import io.tidemark.job.form.InvalidJobException;
import java.util.Locale;
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
        /** How many records there are. */
        COUNT,
        /** Their sum, as a double, compensated (Neumaier 1974). */
        SUM,
        /** Their sum divided by their count. */
        MEAN,
        /** The smallest. */
        MIN,
        /** The largest. */
        MAX;

        /** The name in a job file: {@code count}, {@code mean}. */
        public String jsonName() {
            return name().toLowerCase(Locale.ROOT);
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
