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
import java.util.Objects;
import java.util.function.ToIntFunction;

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

    // For each operand.
    private final Type[] types;
    private final int[] fields;
    private final boolean[] optional;
    private final int[] where;
    private final NumberReader[] forms;

    /**
     * A reader for these operands.
     *
     * @param mostBytes the most bytes of a value of {@link Type#VALUE}
     * @param fieldNumber gives the number that a path has among the values of a record
     */
    OperandReader(List<Operand> operands, int mostBytes, ToIntFunction<String> fieldNumber) {
        inputs = new Inputs(operands, mostBytes);
        List<Condition> different = new ArrayList<>();
        types = operands.stream().map(Operand::type).toArray(Type[]::new);
        fields = operands.stream()
                .mapToInt(each -> each.field() == null ? -1 : fieldNumber.applyAsInt(each.field()))
                .toArray();
        optional = new boolean[types.length];
        where = new int[types.length];
        forms = new NumberReader[types.length];
        for (int i = 0; i < types.length; i++) {
            Operand operand = operands.get(i);
            optional[i] = operand.isOptional();
            where[i] = number(different, operand);
            forms[i] = types[i] == Type.DECIMAL ? NumberReader.decimal(operand.scale()) : NumberReader.integer();
        }
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
        for (int i = 0; i < types.length; i++) {
            if ((where[i] != NO_CONDITION && !holds[where[i]]) || (optional[i] && values.isAbsent(fields[i]))) {
                inputs.skip(i);
            } else {
                take(values, i);
            }
        }
        return inputs;
    }

    private void take(FieldValues values, int i) throws MalformedRecordException {
        switch (types[i]) {
            case NONE -> inputs.take(i);
            case DOUBLE -> inputs.take(i, values.number(fields[i]));
            case SQUARABLE -> inputs.take(i, squarable(values, fields[i]));
            case INTEGER, DECIMAL -> inputs.take(i, values.exact(fields[i], Objects.requireNonNull(forms[i])));
            case VALUE -> {
                inputs.value(i).clear();
                inputs.value(i).add(values, fields[i]);
                inputs.take(i);
            }
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
