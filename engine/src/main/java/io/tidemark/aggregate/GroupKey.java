package io.tidemark.aggregate;

import io.tidemark.aggregate.GroupValue.GroupType;
import io.tidemark.json.FieldValues;
import io.tidemark.json.FieldValues.FieldType;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.json.MalformedRecordException.Reason;
import io.tidemark.number.Varint;
import io.tidemark.part.ApproximateDistinct;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes that identify a group: for each of its values a type, a length and the text. One instance is filled for
 * each record, without garbage.
 */
public final class GroupKey {
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

    /** A character of one byte may be written as an escape of six: backslash, u and four digits. */
    private static final int LONGEST_ESCAPE = 6;

    /** The type and the length before a text of few bytes. */
    private static final int HEADER = 2;
    /** A text of so many bytes is in less than two words with its header. */
    private static final int MOST_IN_WORDS = 2 * Long.BYTES - HEADER - 1;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final int mostBytes;
    private final String problem;
    private byte[] bytes = new byte[64];
    private int length;
    /** How many bytes the texts of the values have together. */
    private int textBytes;

    GroupKey() {
        this(Integer.MAX_VALUE);
    }

    /** A key whose values may have {@code mostBytes} together. */
    public GroupKey(int mostBytes) {
        this(mostBytes, "makes the values of groupBy longer than");
    }

    /**
     * A key with another message for values that are too long.
     *
     * @param problem the message up to the name of the limit
     */
    GroupKey(int mostBytes, String problem) {
        this.mostBytes = mostBytes;
        this.problem = problem;
    }

    /** Removes all values. */
    public void clear() {
        length = 0;
        textBytes = 0;
    }

    /** Holds the key, from 0 to {@link #length}. Not a copy. */
    public byte[] bytes() {
        return bytes;
    }

    /** How many bytes the key has. */
    public int length() {
        return length;
    }

    /**
     * Adds the next value of the group.
     *
     * @throws MalformedRecordException if the field is not a string, number or boolean, or if the values are too long
     */
    public void add(FieldValues values, int field) throws MalformedRecordException {
        if (length == 0 && addInWords(values, field)) {
            return;
        }
        switch (values.type(field)) {
            case STRING -> {
                requireShort(values, field, values.length(field) / LONGEST_ESCAPE);
                int at = reserve(values.room(field));
                close(GroupType.STRING, values.copyText(field, bytes, at));
            }
            case NUMBER -> {
                requireShort(values, field, values.length(field) / LONGEST_ESCAPE);
                int at = reserve(values.room(field));
                close(GroupType.NUMBER, values.copyNumber(field, bytes, at));
            }
            case TRUE -> add(GroupType.BOOLEAN, TRUE);
            case FALSE -> add(GroupType.BOOLEAN, FALSE);
            default -> throw values.unlike(field, "a string, number, true or false");
        }
        requireShort(values, field, 0);
    }

    /**
     * Adds the first value of a group if it is short and stands in the record as it does in a key. It is written in two
     * words, which the processor can read again at once, as it cannot words that were written in smaller parts.
     */
    private boolean addInWords(FieldValues values, int field) {
        int textLength = values.verbatimLength(field);
        if (textLength < 0 || textLength > MOST_IN_WORDS || textLength > mostBytes) {
            return false;
        }
        GroupType type = values.type(field) == FieldType.NUMBER ? GroupType.NUMBER : GroupType.STRING;
        long header = type.tag | (long) textLength << Byte.SIZE;
        LONGS.set(bytes, 0, header | values.word(field, 0) << HEADER * Byte.SIZE);
        // The word begins where the first one ends. What follows the text does not belong to the key.
        LONGS.set(bytes, Long.BYTES, values.word(field, Long.BYTES - HEADER));
        textBytes = textLength;
        length = HEADER + textLength;
        return true;
    }

    /**
     * The hash of a value, {@link ApproximateDistinct#hash} of the key that has only this value.
     *
     * @throws MalformedRecordException as by {@link #add}
     */
    public long hash(FieldValues values, int field) throws MalformedRecordException {
        clear();
        add(values, field);
        if (length >= 2 * Long.BYTES) {
            return ApproximateDistinct.hash(bytes, 0, length);
        }
        long first = (long) LONGS.get(bytes, 0);
        return length < Long.BYTES
                ? ApproximateDistinct.hash(firstBytes(first, length), length)
                : ApproximateDistinct.hash(
                        first, firstBytes((long) LONGS.get(bytes, Long.BYTES), length - Long.BYTES), length);
    }

    /** The first bytes of a word, fewer than eight. */
    static long firstBytes(long word, int count) {
        return word & ((1L << Byte.SIZE * count) - 1);
    }

    /** Refuses values that have too many bytes together with {@code more}; before they are copied, so that no room is made. */
    private void requireShort(FieldValues values, int field, int more) throws MalformedRecordException {
        if (textBytes > mostBytes - more) {
            throw new MalformedRecordException(
                    Reason.GROUP_TOO_LONG,
                    values.path(field),
                    problem + " badRecords.groupBytes, which is " + mostBytes);
        }
    }

    /** The key of a group with these values. */
    public static byte[] of(List<GroupValue> values) {
        GroupKey key = new GroupKey();
        for (GroupValue each : values) {
            key.add(each.type(), each.text().getBytes(StandardCharsets.UTF_8));
        }
        return Arrays.copyOf(key.bytes, key.length);
    }

    /**
     * The values of a group.
     *
     * @throws IllegalArgumentException if the bytes are not a key
     */
    public static List<GroupValue> values(byte[] key) {
        ByteBuffer rest = ByteBuffer.wrap(key);
        List<GroupValue> values = new ArrayList<>();
        while (rest.hasRemaining()) {
            GroupType type = GroupType.of(rest.get());
            int length = length(rest);
            values.add(new GroupValue(type, new String(key, rest.position(), length, StandardCharsets.UTF_8)));
            rest.position(rest.position() + length);
        }
        return values;
    }

    /**
     * How many values a group has.
     *
     * @throws IllegalArgumentException if the bytes are not a key
     */
    public static int count(byte[] key) {
        ByteBuffer rest = ByteBuffer.wrap(key);
        int count = 0;
        while (rest.hasRemaining()) {
            GroupType.of(rest.get());
            int length = length(rest);
            rest.position(rest.position() + length);
            count++;
        }
        return count;
    }

    private static int length(ByteBuffer rest) {
        long length = Varint.read(rest);
        if (length < 0 || length > rest.remaining()) {
            throw new IllegalArgumentException("a group ends in the middle of a value");
        }
        return (int) length;
    }

    private void add(GroupType type, byte[] text) {
        int at = reserve(text.length);
        System.arraycopy(text, 0, bytes, at, text.length);
        close(type, text.length);
    }

    /** Makes room for a value; returns where its text goes: after a type and a length of one byte each. */
    private int reserve(int room) {
        int needed = length + 1 + Varint.MAX_BYTES + room;
        if (bytes.length < needed) {
            bytes = Arrays.copyOf(bytes, 2 * needed);
        }
        return length + 2;
    }

    private void close(GroupType type, int textLength) {
        textBytes += textLength;
        bytes[length] = type.tag;
        if (textLength <= Byte.MAX_VALUE) {
            bytes[length + 1] = (byte) textLength;
            length += 2 + textLength;
            return;
        }
        System.arraycopy(bytes, length + 2, bytes, length + 1 + Varint.size(textLength), textLength);
        length = Varint.write(textLength, bytes, length + 1) + textLength;
    }
}
