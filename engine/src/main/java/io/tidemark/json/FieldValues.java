package io.tidemark.json;

import io.tidemark.json.MalformedRecordException.Reason;
import io.tidemark.number.NumberReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
    private static final int MISSING = FieldType.MISSING.ordinal();
    private static final int STRING = FieldType.STRING.ordinal();
    private static final int NUMBER = FieldType.NUMBER.ordinal();

    // What places has of a field.
    private static final int WIDTH = 4;
    private static final int START = 1;
    private static final int END = 2;
    /** How many of the digits are decimals; {@link #NOT_READ} or {@link #ESCAPED} if it has none. */
    private static final int DECIMALS = 3;

    static final int NOT_READ = -1;
    private static final int ESCAPED = -2;

    /** Up to here doubles are exact, as are the powers of ten up to 10^22: their quotient is rounded once. */
    private static final long MOST_EXACT = 1L << 53;

    /** How many fields a scanner sets. The others come from elsewhere. */
    private final int scanned;

    private final List<String> names;
    /** For each field {@link #WIDTH} numbers: type, start, end, and {@link #DECIMALS}. One array saves checks of its bounds. */
    private final int[] places;
    /** The digits of the numbers that were read while they were scanned. */
    private final long[] digits;

    private byte[] buffer = new byte[0];
    /** Where the record begins in the buffer. The places of fields that a scanner sets count from here. */
    private int base;
    /** The shape that has set type and place of each field last, if nothing else has set any of them since. */
    private @Nullable Shape placedBy;
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
        places = new int[names.size() * WIDTH];
        digits = new long[names.size()];
        others = new byte[more.size()][];
        Arrays.fill(others, buffer);
    }

    /** How many fields a scanner sets. */
    int size() {
        return scanned;
    }

    /** What the field holds. */
    public FieldType type(int field) {
        return TYPES[places[field * WIDTH]];
    }

    /** Whether the field holds this. */
    boolean is(FieldType type, int field) {
        return places[field * WIDTH] == type.ordinal();
    }

    /** The bytes that {@link #start} and {@link #end} of a field point into. */
    byte[] bytes(int field) {
        return field < scanned ? buffer : others[field - scanned];
    }

    private int base(int field) {
        return field < scanned ? base : 0;
    }

    /** Where the bytes of a string (after its quote) or a number begin. */
    int start(int field) {
        return places[field * WIDTH + START] + base(field);
    }

    /** Where they end, exclusively. */
    int end(int field) {
        return places[field * WIDTH + END] + base(field);
    }

    /** Whether the bytes of a string contain escapes. */
    boolean isEscaped(int field) {
        return places[field * WIDTH + DECIMALS] == ESCAPED;
    }

    /**
     * The value of a number, exactly as {@link Double#parseDouble} gives it.
     *
     * @throws MalformedRecordException if the field is not a number, or beyond {@link #LARGEST}
     */
    public double number(int field) throws MalformedRecordException {
        if (places[field * WIDTH] != NUMBER) {
            throw unlike(field, "a number");
        }
        // Numbers of few digits are never too large.
        return places[field * WIDTH + DECIMALS] >= 0 ? nearest(field) : notTooLarge(field);
    }

    private double notTooLarge(int field) throws MalformedRecordException {
        double value = nearest(field);
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
        int decimals = decimals(field);
        return decimals >= 0 && form.readDigits(digits[field], decimals) ? form.value() : exactText(field, form);
    }

    private long exactText(int field, NumberReader form) throws MalformedRecordException {
        FieldType type = type(field);
        if (type != FieldType.NUMBER && (type != FieldType.STRING || isEscaped(field))) {
            throw unlike(field, "a number");
        }
        switch (form.read(bytes(field), start(field), end(field))) {
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

    /** How many of the {@link #digits} of a number are decimals; negative if they are not known, or if it is no number. */
    public int decimals(int field) {
        return places[field * WIDTH] == NUMBER ? places[field * WIDTH + DECIMALS] : NOT_READ;
    }

    /** The number without its point, if {@link #decimals} knows it. */
    public long digits(int field) {
        return digits[field];
    }

    /** Whether the field is a number without decimals that was read while it was scanned. */
    boolean isWhole(int field) {
        return places[field * WIDTH] == NUMBER && places[field * WIDTH + DECIMALS] == 0;
    }

    /** The value of such a number. */
    long whole(int field) {
        return digits[field];
    }

    /** The double that is nearest to a number; infinite beyond their range. Only for a field that is a number. */
    public double nearest(int field) {
        int decimals = places[field * WIDTH + DECIMALS];
        long units = digits[field];
        if (decimals > 0 && units >= -MOST_EXACT && units <= MOST_EXACT) {
            return units / JsonNumbers.EXACT_POWERS[decimals];
        }
        return decimals == 0 ? units : JsonNumbers.parse(bytes(field), start(field), end(field));
    }

    /** How many bytes a string or a number has in the record. */
    public int length(int field) {
        return places[field * WIDTH + END] - places[field * WIDTH + START];
    }

    /** The path of a field, as the job has it. */
    public String path(int field) {
        return names.get(field);
    }

    /** The most bytes that {@link #copyText} and {@link #copyNumber} write for this field. */
    public int room(int field) {
        return end(field) - start(field) + JsonNumbers.CANONICAL_SLACK;
    }

    /**
     * Writes the text of a string as UTF-8, escapes resolved.
     *
     * @return how many bytes were written
     * @throws MalformedRecordException if the string has half of a surrogate pair, which UTF-8 cannot encode
     */
    public int copyText(int field, byte[] into, int at) throws MalformedRecordException {
        int start = start(field);
        int length = end(field) - start;
        if (!isEscaped(field)) {
            System.arraycopy(bytes(field), start, into, at, length);
            return length;
        }
        int written = JsonStrings.unescape(bytes(field), start, end(field), into, at);
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
        int decimals = decimals(field);
        int written = decimals >= 0
                ? JsonNumbers.canonical(digits[field], decimals, bytes(field), start(field), end(field), into, at)
                : JsonNumbers.canonical(bytes(field), start(field), end(field), into, at);
        if (written < 0) {
            throw new MalformedRecordException(
                    Reason.NOT_FINITE, names.get(field), "is a number with an exponent of more than 9 digits");
        }
        return written;
    }

    /**
     * How many bytes {@link #copyText} or {@link #copyNumber} would write, if these are the first ones of the field as it stands
     * in the record; negative if they are others, or if that is not known at once.
     */
    public int verbatimLength(int field) {
        int at = field * WIDTH;
        int decimals = places[at + DECIMALS];
        if (places[at] == NUMBER) {
            return decimals < 0
                    ? -1
                    : JsonNumbers.canonicalLength(digits[field], decimals, bytes(field), start(field), end(field));
        }
        return places[at] == STRING && decimals != ESCAPED ? length(field) : -1;
    }

    /** Eight bytes of the field as it stands in the record, little-endian; what follows the field is in them too. */
    public long word(int field, int from) {
        return Words.orZeros(bytes(field), start(field) + from);
    }

    /** The text of a string, or the digits of a number as they were written. Allocates. */
    public String text(int field) {
        if (!isEscaped(field)) {
            return new String(bytes(field), start(field), end(field) - start(field), StandardCharsets.UTF_8);
        }
        byte[] bytes = new byte[end(field) - start(field)];
        int length = JsonStrings.unescape(bytes(field), start(field), end(field), bytes, 0);
        return new String(bytes, 0, Math.abs(length), StandardCharsets.UTF_8);
    }

    /** The exception for a field that is missing or has another type than the job needs. */
    public MalformedRecordException unlike(int field, String wanted) {
        String path = names.get(field);
        return places[field * WIDTH] == MISSING
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
    void begin(byte[] record, int off) {
        if (buffer != record) {
            // Storing a reference costs a barrier of the garbage collector.
            buffer = record;
        }
        base = off;
    }

    /** Marks all fields of a scanner as missing. */
    void clear() {
        placedBy = null;
        for (int field = 0; field < scanned; field++) {
            places[field * WIDTH] = MISSING;
        }
    }

    /** Marks a field that no scanner sets as missing. */
    public void setMissing(int field) {
        places[field * WIDTH] = MISSING;
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
        setNumber(field, at, digits.length, value, 0);
        bytesOf(field, digits);
    }

    /** Sets a field that no scanner sets to the value of another one, which is valid as long as that one. */
    public void copy(int field, FieldValues from, int other) {
        place(
                field,
                from.places[other * WIDTH],
                from.start(other),
                from.end(other),
                from.places[other * WIDTH + DECIMALS]);
        digits[field] = from.digits[other];
        bytesOf(field, from.bytes(other));
    }

    private void bytesOf(int field, byte[] bytes) {
        // Storing a reference costs a barrier of the garbage collector.
        if (others[field - scanned] != bytes) {
            others[field - scanned] = bytes;
        }
    }

    /** Sets a number; {@code decimals} is {@link #NOT_READ} if its digits are not known. */
    void setNumber(int field, int start, int end, long digits, int decimals) {
        place(field, NUMBER, start, end, decimals);
        this.digits[field] = digits;
    }

    void set(int field, FieldType type, int start, int end, boolean hasEscapes) {
        place(field, type.ordinal(), start, end, hasEscapes ? ESCAPED : NOT_READ);
    }

    private void place(int field, int type, int start, int end, int decimals) {
        int at = field * WIDTH;
        int from = base(field);
        places[at] = type;
        places[at + START] = start - from;
        places[at + END] = end - from;
        places[at + DECIMALS] = decimals;
        if (field < scanned) {
            placedBy = null;
        }
    }

    /** Whether the fields have the types and places of this shape already; null for no shape. */
    boolean isPlacedBy(@Nullable Shape shape) {
        return placedBy == shape;
    }

    void placedBy(Shape shape) {
        placedBy = shape;
    }

    /** Sets a field to a place that counts from the beginning of the record. */
    void setPlace(int field, FieldType type, int start, int end) {
        place(field, type.ordinal(), base + start, base + end, NOT_READ);
    }

    /** Sets the digits of a number that has its place already. */
    void setDigits(int field, long digits, int decimals) {
        this.digits[field] = digits;
        places[field * WIDTH + DECIMALS] = decimals;
    }
}
