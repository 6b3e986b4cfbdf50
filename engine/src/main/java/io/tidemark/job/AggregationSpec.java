package io.tidemark.job;

import io.tidemark.job.AggregateOptions.Option;
import io.tidemark.job.form.ChoiceForm;
import io.tidemark.job.form.InvalidJobException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One value of a row.
 *
 * @param name the name of the value in the output row
 * @param function how records become the value
 * @param field path of the JSON value that is read from each record; null for {@link Function#COUNT} and {@link Function#USE}
 * @param options what else the job says about it
 * @param own the aggregate of a plugin; null for all but {@link Function#USE}
 */
public record AggregationSpec(
        String name,
        Function function,
        @Nullable String field,
        AggregateOptions options,
        @Nullable OwnAggregate own) {

    /** How records become one value. */
    public enum Function {
        /** The number of records. */
        COUNT(Option.WHERE),
        /** The sum. Of doubles it is compensated for rounding (Neumaier 1974); of decimals and integers it is exact. */
        SUM(Option.DECIMAL, Option.INTEGER, Option.ABSENT, Option.WHERE),
        /** The sum divided by the count. */
        MEAN(Option.DECIMAL, Option.INTEGER, Option.ABSENT, Option.WHERE),
        /** The smallest value. */
        MIN(Option.DECIMAL, Option.INTEGER, Option.ABSENT, Option.WHERE),
        /** The largest value. */
        MAX(Option.DECIMAL, Option.INTEGER, Option.ABSENT, Option.WHERE),
        /** The variance: of a sample, or of the population. */
        VARIANCE(Option.DECIMAL, Option.INTEGER, Option.POPULATION, Option.ABSENT, Option.WHERE),
        /** The standard deviation, which is the root of the variance. */
        STDDEV(Option.DECIMAL, Option.INTEGER, Option.POPULATION, Option.ABSENT, Option.WHERE),
        /** The value of the first record by event time; of records with the same time, by partition and offset. */
        FIRST(Option.DECIMAL, Option.INTEGER, Option.ABSENT, Option.WHERE),
        /** The value of the last record in the same order. */
        LAST(Option.DECIMAL, Option.INTEGER, Option.ABSENT, Option.WHERE),
        /** How many different values there are. */
        DISTINCT(Option.METHOD, Option.LIMIT, Option.PRECISION, Option.ABSENT, Option.WHERE),
        /** The value below which a share of all values is. */
        QUANTILE(Option.AT, Option.ERROR, Option.ABSENT, Option.WHERE),
        /** The k largest values, the largest first. */
        LARGEST(Option.K, Option.DECIMAL, Option.INTEGER, Option.ABSENT, Option.WHERE),
        /** The k smallest values, the smallest first. */
        SMALLEST(Option.K, Option.DECIMAL, Option.INTEGER, Option.ABSENT, Option.WHERE),
        /** The k most frequent values, the most frequent first, each with bounds of its count. */
        FREQUENT(Option.K, Option.CAPACITY, Option.ABSENT, Option.WHERE),
        /** What a plugin computes. */
        USE(Option.ABSENT, Option.WHERE);

        private final Set<Option> options;

        Function(Option... options) {
            this.options = EnumSet.copyOf(List.of(options));
        }

        /** The name in a job file: {@code count}, {@code mean}. */
        public String jsonName() {
            return ChoiceForm.name(this);
        }

        /** What a job may say about it besides its field. */
        public Set<Option> options() {
            return EnumSet.copyOf(options);
        }
    }

    /** Refuses a count with a field, anything else without one, and options that contradict each other. */
    public AggregationSpec {
        if ((function == Function.USE) != (own != null)) {
            throw refused(
                    name,
                    "is an aggregate of a plugin with its name and nothing else, or none; write { use: acme.centroid, of: [lat, lon] }");
        }
        if ((function == Function.COUNT || function == Function.USE) != (field == null)) {
            throw refused(
                    name,
                    function == Function.COUNT
                            ? "count takes no field; write count"
                            : function.jsonName() + " needs a field; write { " + function.jsonName() + ": voltage }");
        }
        List<Option> wrong = new ArrayList<>(options.given());
        wrong.removeAll(function.options);
        if (!wrong.isEmpty()) {
            throw refused(
                    name + "." + wrong.get(0).jsonName(),
                    "is no option of " + function.jsonName() + "; its options are " + names(function.options));
        }
        if (options.decimal() != null && options.integer()) {
            throw refused(name, "has decimal and integer, but a number is kept in one form; remove one of them");
        }
        boolean approximate = options.method() == AggregateOptions.Method.APPROXIMATE;
        if (approximate && options.limit() != AggregateOptions.NONE.limit()) {
            throw refused(name + ".limit", "is for method: exact; an approximate count needs no limit");
        }
        if (!approximate && options.precision() != AggregateOptions.NONE.precision()) {
            throw refused(name + ".precision", "is for method: approximate; add it, or remove precision");
        }
        if (function == Function.QUANTILE && options.at() == null) {
            throw refused(
                    name + ".at", "is missing; write at: 0.95 for the value that 95 % of all values do not exceed");
        }
        Integer k = options.k();
        if (function.options.contains(Option.K) && k == null) {
            throw refused(name + ".k", "is missing; write k: 5 for five values");
        }
        if (function == Function.FREQUENT && k != null && k > options.capacity()) {
            throw refused(
                    name + ".capacity",
                    "must be at least k, which is " + k + ", but is " + options.capacity()
                            + "; ten times k or more makes the bounds useful");
        }
    }

    /** An aggregate of a field, or a count. */
    public AggregationSpec(String name, Function function, @Nullable String field, AggregateOptions options) {
        this(name, function, field, options, null);
    }

    /** The same aggregate of a plugin, with its code. */
    public AggregationSpec with(OwnAggregate found) {
        return new AggregationSpec(name, function, field, options, found);
    }

    /** An aggregate without options. */
    public AggregationSpec(String name, Function function, @Nullable String field) {
        this(name, function, field, AggregateOptions.NONE);
    }

    private static InvalidJobException refused(String path, String problem) {
        return new InvalidJobException("aggregate." + path, problem);
    }

    private static String names(Set<Option> options) {
        return String.join(
                ", ",
                Arrays.stream(Option.values())
                        .filter(options::contains)
                        .map(Option::jsonName)
                        .toList());
    }

    /**
     * Whether it is one that version 0.1 had: a count of all records, or the sum, mean, minimum or maximum of a double that
     * each record must have.
     */
    public boolean isPlain() {
        return options.equals(AggregateOptions.NONE) && function.compareTo(Function.MAX) <= 0;
    }

    /** Whether its field must be a JSON number, because it is read as a double. */
    boolean readsDoubles() {
        return switch (function) {
            case COUNT, FIRST, LAST, DISTINCT, FREQUENT, USE -> false;
            case SUM, MEAN, MIN, MAX, VARIANCE, STDDEV, QUANTILE, LARGEST, SMALLEST ->
                options.decimal() == null && !options.integer();
        };
    }
}
