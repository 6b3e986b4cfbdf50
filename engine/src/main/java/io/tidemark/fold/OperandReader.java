package io.tidemark.fold;

import io.tidemark.aggregate.Inputs;
import io.tidemark.aggregate.Operand;
import io.tidemark.aggregate.Operand.Type;
import io.tidemark.filter.Filter;
import io.tidemark.job.Condition;
import io.tidemark.json.FieldValues;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.json.MalformedRecordException.Reason;
import io.tidemark.number.Moments;
import io.tidemark.number.NumberReader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads the operands of a job's accumulators from the fields of a record, without garbage. All are read before any total
 * changes, so that a bad record changes nothing.
 *
 * <p>Not safe for use by several threads.
 */
final class OperandReader {
    private static final int NO_CONDITION = -1;

    private final Inputs inputs;
    /** Each condition once, although several operands may have it. */
    private final Filter[] conditions;

    private final boolean[] holds;

    private final @Nullable Source first;

    /** Where an operand comes from. They are linked, because the compiler makes better code of a short list than of an array. */
    private static final class Source {
        final int operand;
        final Type type;
        /** -1 if only the record counts. */
        final int field;

        final boolean isOptional;
        /** The number of its condition, or {@link #NO_CONDITION}. */
        final int where;

        final NumberReader form;
        final @Nullable Source next;

        Source(int number, Operand operand, int field, int where, @Nullable Source next) {
            this.operand = number;
            this.field = field;
            this.where = where;
            this.next = next;
            type = operand.type();
            isOptional = operand.isOptional();
            form = type == Type.DECIMAL ? NumberReader.decimal(operand.scale()) : NumberReader.integer();
        }
    }

    /**
     * A reader for these operands.
     *
     * @param mostBytes the most bytes of a value of {@link Type#VALUE} or {@link Type#HASH}
     * @param fieldNumber gives the number that a path has among the values of a record
     */
    OperandReader(List<Operand> operands, int mostBytes, ToIntFunction<String> fieldNumber) {
        inputs = new Inputs(operands, mostBytes);
        List<Condition> different = new ArrayList<>();
        // Forwards: the first condition that cannot be evaluated tells what is wrong with a record.
        int[] where =
                operands.stream().mapToInt(each -> number(different, each)).toArray();
        Source next = null;
        for (int i = operands.size() - 1; i >= 0; i--) {
            Operand operand = operands.get(i);
            int field = operand.field() == null ? -1 : fieldNumber.applyAsInt(operand.field());
            next = new Source(i, operand, field, where[i], next);
        }
        first = next;
        conditions =
                different.stream().map(each -> new Filter(each, fieldNumber)).toArray(Filter[]::new);
        holds = new boolean[conditions.length];
    }

    private static int number(List<Condition> different, Operand operand) {
        if (operand.where() == null) {
            return NO_CONDITION;
        }
        if (!different.contains(operand.where())) {
            different.add(operand.where());
        }
        return different.indexOf(operand.where());
    }

    /**
     * Reads the operands of a record.
     *
     * @param time its event time
     * @throws MalformedRecordException if a field that counts is missing or cannot be read
     */
    Inputs read(FieldValues values, long time, int partition, long offset) throws MalformedRecordException {
        inputs.at(time, partition, offset);
        for (int i = 0; i < conditions.length; i++) {
            holds[i] = conditions[i].accepts(values);
        }
        for (Source each = first; each != null; each = each.next) {
            if ((each.where != NO_CONDITION && !holds[each.where])
                    || (each.isOptional && values.isAbsent(each.field))) {
                inputs.skip(each.operand);
            } else {
                take(values, each);
            }
        }
        return inputs;
    }

    private void take(FieldValues values, Source from) throws MalformedRecordException {
        int i = from.operand;
        switch (from.type) {
            case NONE -> inputs.take(i);
            case DOUBLE -> inputs.take(i, values.number(from.field));
            case SQUARABLE -> inputs.take(i, squarable(values, from.field));
            case INTEGER, DECIMAL -> inputs.take(i, values.exact(from.field, from.form));
            case VALUE -> {
                inputs.value(i).clear();
                inputs.value(i).add(values, from.field);
                inputs.take(i);
            }
            case HASH -> inputs.take(i, inputs.value(i).hash(values, from.field));
        }
    }

    private static double squarable(FieldValues values, int field) throws MalformedRecordException {
        double value = values.number(field);
        if (Math.abs(value) > Moments.LARGEST) {
            throw new MalformedRecordException(
                    Reason.NUMBER_TOO_LARGE,
                    values.path(field),
                    "is a number beyond 2^480 (about 3.1e144), and sums of squares of such numbers could overflow");
        }
        return value;
    }
}
