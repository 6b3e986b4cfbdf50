package io.tidemark.filter;

import io.tidemark.job.Order;
import io.tidemark.json.FieldValues;
import io.tidemark.json.FieldValues.FieldType;
import io.tidemark.json.MalformedRecordException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads and compares the values of a record's fields, and keeps the first error. It is made once for a filter. */
final class Scratch {
    /** No comparison and no length has this value. */
    static final int FAILED = Integer.MIN_VALUE;

    /** Two numbers of at most so many characters are equal if their nearest doubles are, unless these are tiny. */
    private static final int EXACT_LENGTH = 15;

    private byte[] bytes = new byte[64];
    private byte[] otherBytes = new byte[64];

    private int failedField = -1;
    private String wanted = "";
    private @Nullable MalformedRecordException failure;

    /** The bytes of the last {@link #text}. */
    byte[] bytes() {
        return bytes;
    }

    /** Notes that a field is missing or has another type. */
    int unlike(int field, String wantedType) {
        if (failedField < 0 && failure == null) {
            failedField = field;
            wanted = wantedType;
        }
        return Check.ERROR;
    }

    void clear() {
        failedField = -1;
        if (failure != null) {
            // Storing a reference costs a barrier of the garbage collector.
            failure = null;
        }
    }

    MalformedRecordException failure(FieldValues values) {
        return failure != null ? failure : values.unlike(failedField, wanted);
    }

    /** Copies a text into {@link #bytes} and returns its length. */
    int text(FieldValues values, int field) {
        if (values.type(field) != FieldType.STRING) {
            unlike(field, "a text");
            return FAILED;
        }
        if (bytes.length < values.room(field)) {
            bytes = new byte[2 * values.room(field)];
        }
        try {
            return values.copyText(field, bytes, 0);
        } catch (MalformedRecordException e) {
            return failed(e);
        }
    }

    int compare(FieldValues values, int field, NumberLiteral other) {
        int decimals = values.decimals(field);
        return other.isComparable(decimals)
                ? other.compare(values.digits(field), decimals)
                : compareAny(values, field, other);
    }

    private int compareAny(FieldValues values, int field, NumberLiteral other) {
        if (values.type(field) != FieldType.NUMBER) {
            unlike(field, "a number");
            return FAILED;
        }
        double value = values.nearest(field);
        if (value != other.nearest()) {
            return value < other.nearest() ? -1 : 1;
        }
        return areEqual(value, values.length(field), other.digits().length())
                ? 0
                : Decimals.compare(values.text(field), other.digits());
    }

    /** Compares two fields. The first one says which type the other must have. */
    int compare(FieldValues values, int field, Order order, int other) {
        return switch (values.type(field)) {
            case NUMBER -> compareNumbers(values, field, other);
            case STRING -> compareTexts(values, field, other);
            case TRUE, FALSE -> order.isEquality() ? compareBooleans(values, field, other) : refused(field);
            default -> refused(field);
        };
    }

    private int compareNumbers(FieldValues values, int field, int other) {
        if (values.type(other) != FieldType.NUMBER) {
            unlike(other, "a number");
            return FAILED;
        }
        double a = values.nearest(field);
        double b = values.nearest(other);
        if (a != b) {
            return a < b ? -1 : 1;
        }
        return areEqual(a, values.length(field), values.length(other))
                ? 0
                : Decimals.compare(values.text(field), values.text(other));
    }

    /** Whether two numbers with the same nearest double are surely equal: a double keeps 15 digits. */
    private static boolean areEqual(double nearest, int length, int otherLength) {
        return length <= EXACT_LENGTH
                && otherLength <= EXACT_LENGTH
                && (Math.abs(nearest) >= Double.MIN_NORMAL || length + otherLength == 2);
    }

    private int compareTexts(FieldValues values, int field, int other) {
        int otherLength = text(values, other);
        if (otherLength == FAILED) {
            return FAILED;
        }
        byte[] swap = otherBytes;
        otherBytes = bytes;
        bytes = swap;
        int length = text(values, field);
        return length == FAILED ? FAILED : Arrays.compareUnsigned(bytes, 0, length, otherBytes, 0, otherLength);
    }

    private int compareBooleans(FieldValues values, int field, int other) {
        FieldType type = values.type(other);
        if (type != FieldType.TRUE && type != FieldType.FALSE) {
            unlike(other, "true or false");
            return FAILED;
        }
        return type == values.type(field) ? 0 : 1;
    }

    private int refused(int field) {
        unlike(field, "a number or a text");
        return FAILED;
    }

    private int failed(MalformedRecordException e) {
        if (failedField < 0 && failure == null) {
            failure = e;
        }
        return FAILED;
    }
}
