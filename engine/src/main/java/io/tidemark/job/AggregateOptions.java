package io.tidemark.job;

import io.tidemark.job.form.ChoiceForm;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a job says about an aggregate besides its function and field. Which function takes which option is said by {@link
 * AggregationSpec.Function#options}; {@link AggregateForm} has the limits and the meaning of each.
 *
 * @param decimal how many decimals the numbers have; null for doubles and integers
 * @param integer whether the numbers are whole
 * @param absent what becomes of a record without the field
 * @param population whether a variance is divided by the count; otherwise by one less
 * @param method how different values are counted
 * @param limit the most different values of an exact count
 * @param precision an approximate count has two to the power of it registers
 * @param at which quantile, from 0 to 1; null for all other functions
 * @param error how far a quantile may be from the exact one, relative to its value
 * @param k how many values; null for functions that have one
 * @param capacity how many counters a search for frequent values keeps
 * @param where which of the job's records count for this aggregate; null for all
 */
public record AggregateOptions(
        @Nullable Integer decimal,
        boolean integer,
        Absent absent,
        boolean population,
        Method method,
        int limit,
        int precision,
        @Nullable BigDecimal at,
        BigDecimal error,
        @Nullable Integer k,
        int capacity,
        @Nullable Condition where) {

    /** The options of an aggregate without any. */
    public static final AggregateOptions NONE = new AggregateOptions(
            null, false, Absent.BAD, false, Method.EXACT, 10_000, 12, null, new BigDecimal("0.01"), null, 1_000, null);

    /** What becomes of a record of which the field is missing or null. */
    public enum Absent {
        /** It is a bad record. */
        BAD,
        /** It counts, but not for this aggregate. */
        SKIP
    }

    /** How different values are counted. */
    public enum Method {
        /** By keeping each of them. */
        EXACT,
        /** By UltraLogLog. */
        APPROXIMATE
    }

    /** The names of the options. */
    public enum Option {
        /** {@link AggregateOptions#decimal}. */
        DECIMAL,
        /** {@link AggregateOptions#integer}. */
        INTEGER,
        /** {@link AggregateOptions#population}. */
        POPULATION,
        /** {@link AggregateOptions#method}. */
        METHOD,
        /** {@link AggregateOptions#limit}. */
        LIMIT,
        /** {@link AggregateOptions#precision}. */
        PRECISION,
        /** {@link AggregateOptions#at}. */
        AT,
        /** {@link AggregateOptions#error}. */
        ERROR,
        /** {@link AggregateOptions#k}. */
        K,
        /** {@link AggregateOptions#capacity}. */
        CAPACITY,
        /** {@link AggregateOptions#absent}. */
        ABSENT,
        /** {@link AggregateOptions#where}. */
        WHERE;

        /** The name in a job file: {@code decimal}. */
        public String jsonName() {
            return ChoiceForm.name(this);
        }
    }

    /** The options that do not have their default. */
    List<Option> given() {
        List<Option> given = new ArrayList<>();
        for (Option each : Option.values()) {
            if (isGiven(each)) {
                given.add(each);
            }
        }
        return given;
    }

    private boolean isGiven(Option option) {
        return switch (option) {
            case DECIMAL -> decimal != null;
            case INTEGER -> integer;
            case POPULATION -> population;
            case METHOD -> method != NONE.method;
            case LIMIT -> limit != NONE.limit;
            case PRECISION -> precision != NONE.precision;
            case AT -> at != null;
            case ERROR -> error.compareTo(NONE.error) != 0;
            case K -> k != null;
            case CAPACITY -> capacity != NONE.capacity;
            case ABSENT -> absent != NONE.absent;
            case WHERE -> where != null;
        };
    }
}
