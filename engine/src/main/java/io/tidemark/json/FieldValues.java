package io.tidemark.json;

import io.tidemark.json.MalformedRecordException.Reason;
import io.tidemark.number.NumberReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a {@link FieldScanner} found in one record: for each field its type and where its bytes are. It is made once and
 * filled for each record. It points into the record's own bytes, so it is valid only while they are unchanged.
 */
public final class FieldValues {
    /**
     * The largest magnitude of a number that is counted, about 9.7e288. The sum of 2^58 such numbers, and its compensation,
     * is within the range of a double, so no record can make a sum overflow.
     */
    public static final double LARGEST = 0x1p960;

    private static final FieldType[] TYPES = FieldType.values();
    private static final byte MISSING = (byte) FieldType.MISSING.ordinal();
    private static final byte NUMBER = (byte) FieldType.NUMBER.ordinal();

    /** How many fields a scanner sets. The others come from elsewhere. */
    private final int scanned;

    private final List<String> names;
    // Bytes, not references: storing a reference costs a barrier of the garbage collector.
    private final byte[] types;
    private final int[] starts;
    private final int[] ends;
    private final boolean[] escaped;
    /** Values of the numbers that the scanner has parsed already; NaN for all others. */
    private final double[] numbers;

    private byte[] buffer = new byte[0];
    /** The bytes of each field that no scanner sets. */
    private final byte[][] others;

    /** What a field holds. */
    public enum FieldType {
        /** The record has no such field. */
        MISSING,
        /** A string. */
        STRING,
        /** A number, as JSON writes them. */
        NUMBER,
        /** The literal true. */
        TRUE,
        /** The literal false. */
        FALSE,
        /** The literal null. */
        NULL,
        /** An object. */
        OBJECT,
        /** An array. */
        ARRAY
    }

    /** Room for the fields of a scanner, in the scanner's order. */
    public FieldValues(List<FieldPath> fields) {
        this(fields, List.of());
    }

    /**
     * The same with room for more fields behind them, which a scanner leaves alone.
     *
     * @param more their names, for messages
     */
    public FieldValues(List<FieldPath> fields, List<String> more) {
        scanned = fields.size();
        names = Stream.concat(fields.stream().map(FieldPath::text), more.stream())
                .toList();
        types = new byte[names.size()];
        starts = new int[names.size()];
        ends = new int[names.size()];
        escaped = new boolean[names.size()];
        numbers = new double[names.size()];
        others = new byte[more.size()][];
        Arrays.fill(others, buffer);
        Arrays.fill(types, MISSING);
    }

    /** How many fields a scanner sets. */
    int size() {
        return scanned;
    }

    /** What the field holds. */
    public FieldType type(int field) {
        return TYPES[types[field]];
    }

    /** The bytes that {@link #start} and {@link #end} of a field point into. */
    byte[] bytes(int field) {
        return field < scanned ? buffer : others[field - scanned];
    }

    /** Where the bytes of a string (after its quote) or a number begin. */
    int start(int field) {
        return starts[field];
    }

    /** Where they end, exclusively. */
    int end(int field) {
        return ends[field];
    }

    /** Whether the bytes of a string contain escapes. */
    boolean isEscaped(int field) {
        return escaped[field];
    }

    /**
     * The value of a number, exactly as {@link Double#parseDouble} gives it.
     *
     * @throws MalformedRecordException if the field is not a number, or beyond {@link #LARGEST}
     */
    public double number(int field) throws MalformedRecordException {
        if (types[field] != NUMBER) {
            throw unlike(field, "a number");
        }
        if (!Double.isNaN(numbers[field])) {
            return numbers[field];
        }
        double value = JsonNumbers.parse(bytes(field), starts[field], ends[field]);
        if (Double.isInfinite(value)) {
            throw new MalformedRecordException(
                    Reason.NOT_FINITE, names.get(field), "is a number beyond the range of a double");
        }
        if (Math.abs(value) > LARGEST) {
            throw new MalformedRecordException(
                    Reason.NUMBER_TOO_LARGE,
                    names.get(field),
                    "is a number beyond 2^960 (about 9.7e288), and sums of such numbers could overflow");
        }
        return value;
    }

    /** Whether a field is missing or null. */
    public boolean isAbsent(int field) {
        FieldType type = type(field);
        return type == FieldType.MISSING || type == FieldType.NULL;
    }

    /**
     * The value of a number, or of a text in the form of one, without any rounding.
     *
     * @param form says how many decimals and digits it may have
     * @return its units, as {@link NumberReader} counts them
     * @throws MalformedRecordException if the field is something else, or beyond what the form can hold
     */
    public long exact(int field, NumberReader form) throws MalformedRecordException {
        FieldType type = type(field);
        if (type != FieldType.NUMBER && (type != FieldType.STRING || escaped[field])) {
            throw unlike(field, "a number");
        }
        switch (form.read(bytes(field), starts[field], ends[field])) {
            case EXACT -> {
                return form.value();
            }
            case NOT_EXACT ->
                throw new MalformedRecordException(
                        Reason.NOT_EXACT,
                        names.get(field),
                        "has more decimals than the " + form.scale() + " that the job keeps, and nothing is rounded");
            case OUT_OF_RANGE ->
                throw new MalformedRecordException(
                        Reason.OUT_OF_RANGE, names.get(field), "is a number beyond " + form.range());
            case NOT_A_NUMBER ->
                throw new MalformedRecordException(
                        Reason.WRONG_TYPE, names.get(field), "is a text that is not a number as JSON writes them");
        }
        throw new IllegalStateException("every outcome has its case");
    }

    /** The double that is nearest to a number; infinite beyond their range. Only for a field that is a number. */
    public double nearest(int field) {
        return Double.isNaN(numbers[field])
                ? JsonNumbers.parse(bytes(field), starts[field], ends[field])
                : numbers[field];
    }

    /** How many bytes a string or a number has in the record. */
    public int length(int field) {
        return ends[field] - starts[field];
    }

    /** The path of a field, as the job has it. */
    public String path(int field) {
        return names.get(field);
    }

    /** The most bytes that {@link #copyText} and {@link #copyNumber} write for this field. */
    public int room(int field) {
        return ends[field] - starts[field] + JsonNumbers.CANONICAL_SLACK;
    }

    /**
     * Writes the text of a string as UTF-8, escapes resolved.
     *
     * @return how many bytes were written
     * @throws MalformedRecordException if the string has half of a surrogate pair, which UTF-8 cannot encode
     */
    public int copyText(int field, byte[] into, int at) throws MalformedRecordException {
        int start = starts[field];
        int length = ends[field] - start;
        if (!escaped[field]) {
            System.arraycopy(bytes(field), start, into, at, length);
            return length;
        }
        int written = JsonStrings.unescape(bytes(field), start, ends[field], into, at);
        if (written < 0) {
            throw new MalformedRecordException(
                    Reason.NOT_JSON, names.get(field), "is not a text: it has half of a surrogate pair");
        }
        return written;
    }

    /**
     * Writes a number in a form that is the same for all numbers of the same value: 1 for 1.0 and 1e0.
     *
     * @return how many bytes were written
     * @throws MalformedRecordException if its exponent has more than 9 digits
     */
    public int copyNumber(int field, byte[] into, int at) throws MalformedRecordException {
        int written = JsonNumbers.canonical(bytes(field), starts[field], ends[field], into, at);
        if (written < 0) {
            throw new MalformedRecordException(
                    Reason.NOT_FINITE, names.get(field), "is a number with an exponent of more than 9 digits");
        }
        return written;
    }

    /** The text of a string, or the digits of a number as they were written. Allocates. */
    public String text(int field) {
        if (!escaped[field]) {
            return new String(bytes(field), starts[field], ends[field] - starts[field], StandardCharsets.UTF_8);
        }
        byte[] bytes = new byte[ends[field] - starts[field]];
        int length = JsonStrings.unescape(bytes(field), starts[field], ends[field], bytes, 0);
        return new String(bytes, 0, Math.abs(length), StandardCharsets.UTF_8);
    }

    /** The exception for a field that is missing or has another type than the job needs. */
    public MalformedRecordException unlike(int field, String wanted) {
        String path = names.get(field);
        return types[field] == MISSING
                ? new MalformedRecordException(Reason.FIELD_MISSING, path, "is missing")
                : new MalformedRecordException(
                        Reason.WRONG_TYPE, path, "is not " + wanted + " but " + described(type(field)));
    }

    private static String described(FieldType type) {
        return switch (type) {
            case STRING, NUMBER -> "a " + type.name().toLowerCase(Locale.ROOT);
            case OBJECT, ARRAY -> "an " + type.name().toLowerCase(Locale.ROOT);
            default -> type.name().toLowerCase(Locale.ROOT);
        };
    }

    /** Sets the bytes of the next record. Types and places are still those of the record before. */
    void begin(byte[] record) {
        buffer = record;
    }

    /** Marks all fields of a scanner as missing. */
    void clear() {
        Arrays.fill(types, 0, scanned, MISSING);
    }

    /** Marks a field that no scanner sets as missing. */
    public void setMissing(int field) {
        types[field] = MISSING;
    }

    /** Sets a field that no scanner sets to null. */
    public void setNull(int field) {
        set(field, FieldType.NULL, 0, 0, false);
    }

    /**
     * Sets a field that no scanner sets to a text.
     *
     * @throws MalformedRecordException if the bytes are not UTF-8
     */
    public void setText(int field, byte[] bytes, int start, int end) throws MalformedRecordException {
        if (!JsonStrings.isUtf8(bytes, start, end)) {
            throw new MalformedRecordException(Reason.WRONG_TYPE, names.get(field), "is not a text in UTF-8");
        }
        set(field, FieldType.STRING, start, end, false);
        bytesOf(field, bytes);
    }

    /**
     * Sets a field that no scanner sets to a whole number.
     *
     * @param digits gets its digits; belongs to the field, with at least 20 bytes
     */
    public void setWhole(int field, long value, byte[] digits) {
        int at = digits.length;
        // Negative numbers have the greater range.
        long rest = value < 0 ? value : -value;
        do {
            digits[--at] = (byte) ('0' - rest % 10);
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            digits[--at] = '-';
        }
        setNumber(field, at, digits.length, value);
        bytesOf(field, digits);
    }

    /** Sets a field that no scanner sets to the value of another one, which is valid as long as that one. */
    public void copy(int field, FieldValues from, int other) {
        types[field] = from.types[other];
        starts[field] = from.starts[other];
        ends[field] = from.ends[other];
        escaped[field] = from.escaped[other];
        numbers[field] = from.numbers[other];
        bytesOf(field, from.bytes(other));
    }

    private void bytesOf(int field, byte[] bytes) {
        // Storing a reference costs a barrier of the garbage collector.
        if (others[field - scanned] != bytes) {
            others[field - scanned] = bytes;
        }
    }

    /** Sets a number; {@code value} is NaN if it was not parsed, which no JSON number is. */
    void setNumber(int field, int start, int end, double value) {
        set(field, FieldType.NUMBER, start, end, false);
        numbers[field] = value;
    }

    void set(int field, FieldType type, int start, int end, boolean hasEscapes) {
        types[field] = (byte) type.ordinal();
        starts[field] = start;
        ends[field] = end;
        escaped[field] = hasEscapes;
        numbers[field] = Double.NaN;
    }
}
