package io.tidemark.aggregate;

import io.tidemark.aggregator.ArgumentType;
import io.tidemark.job.AggregateOptions;
import io.tidemark.job.AggregateOptions.Absent;
import io.tidemark.job.AggregateOptions.Method;
import io.tidemark.job.AggregationSpec;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.Condition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What accumulators need of a record: the value of a field in one form, of the records that count for it. Aggregates with equal
 * operands share their accumulators.
 *
 * @param field path of the field; null if only the record counts
 * @param scale how many decimals a decimal has; otherwise 0
 * @param isOptional whether a record without the field counts, but not here
 * @param where which records count; null for all
 */
public record Operand(
        @Nullable String field,
        Type type,
        int scale,
        boolean isOptional,
        @Nullable Condition where) {

    /** The form of a value. */
    public enum Type {
        /** The record itself, which has no value. */
        NONE,
        /** A number as a double. */
        DOUBLE,
        /** A double small enough that no sum of squared differences overflows. */
        SQUARABLE,
        /** A whole number of 64 bits. */
        INTEGER,
        /** A decimal of at most 18 digits. */
        DECIMAL,
        /** A text, number or boolean with its type, as a group has it. */
        VALUE,
        /** The hash of such a value for {@link io.tidemark.part.ApproximateDistinct}. */
        HASH
    }

    /** The operand of an aggregate. */
    static Operand of(AggregationSpec spec) {
        AggregateOptions options = spec.options();
        Integer decimal = options.decimal();
        return new Operand(
                spec.field(),
                type(spec.function(), options),
                decimal == null ? 0 : decimal,
                options.absent() == Absent.SKIP,
                options.where());
    }

    /** The operands of an aggregate of a plugin: one for each of its fields, or one without a value if it takes none. */
    static List<Operand> ofOwn(AggregationSpec spec, List<String> fields, List<ArgumentType> types) {
        AggregateOptions options = spec.options();
        if (fields.isEmpty()) {
            return List.of(of(spec));
        }
        List<Operand> operands = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            Type type = switch (types.get(i)) {
                case NUMBER -> Type.DOUBLE;
                case INTEGER -> Type.INTEGER;
                case TEXT -> Type.VALUE;
            };
            operands.add(new Operand(fields.get(i), type, 0, options.absent() == Absent.SKIP, options.where()));
        }
        return operands;
    }

    private static Type type(Function function, AggregateOptions options) {
        Type exact = options.integer() ? Type.INTEGER : Type.DECIMAL;
        boolean isExact = options.integer() || options.decimal() != null;
        return switch (function) {
            case COUNT, USE -> Type.NONE;
            case FIRST, LAST -> isExact ? exact : Type.VALUE;
            case DISTINCT -> options.method() == Method.EXACT ? Type.VALUE : Type.HASH;
            case FREQUENT -> Type.VALUE;
            case VARIANCE, STDDEV -> isExact ? exact : Type.SQUARABLE;
            case SUM, MEAN, MIN, MAX, QUANTILE, LARGEST, SMALLEST -> isExact ? exact : Type.DOUBLE;
        };
    }

    /** Whether some records of a cell may not count for it, so that it needs a count of its own. */
    boolean isPartial() {
        return isOptional || where != null;
    }

    /** Whether the value is an exact whole number of units. */
    boolean isExact() {
        return type == Type.INTEGER || type == Type.DECIMAL;
    }

    /** Its text in the names of columns: {@code amount, decimal 2, where status == "paid"}. */
    @Override
    public String toString() {
        return (field == null ? "*" : quotedIfNeeded(field))
                + (type == Type.INTEGER ? ", integer" : type == Type.DECIMAL ? ", decimal " + scale : "")
                + (isOptional ? ", absent skip" : "")
                + (where == null ? "" : ", where " + where.asText());
    }

    /** What follows a field begins with a comma, so a field with a comma stands in quotes. */
    private static String quotedIfNeeded(String field) {
        return field.indexOf(',') < 0
                ? field
                : "\"" + field.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
