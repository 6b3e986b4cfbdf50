package io.tidemark.aggregate;

import com.fasterxml.jackson.core.io.NumberOutput;
import io.tidemark.number.Squares192;
import io.tidemark.number.Sum128;
import io.tidemark.part.Part;
import io.tidemark.part.PartKind;
import java.nio.ByteBuffer;
import java.util.Base64;

/** A column of a staged file: a number or a part of a cell as text that is read back exactly. */
public interface Column {
    /** Its name, such as {@code sum(amount, decimal 2)}. */
    String name();

    /** The text of a cell. */
    String text(AccumulatorTable cells, int slot);

    /**
     * Sets a cell to what {@link #text} has written.
     *
     * @throws IllegalArgumentException if the text is something else; the message shows none of it
     */
    void parse(String text, AccumulatorTable cells, int slot);

    /** A double. */
    record Real(String name, int at) implements Column {
        @Override
        public String text(AccumulatorTable cells, int slot) {
            return NumberOutput.toString(cells.real(slot, at), true);
        }

        @Override
        public void parse(String text, AccumulatorTable cells, int slot) {
            try {
                cells.real(slot, at, Double.parseDouble(text));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("this is not a number");
            }
        }
    }

    /** A long. */
    record Whole(String name, int at) implements Column {
        @Override
        public String text(AccumulatorTable cells, int slot) {
            return Long.toString(cells.whole(slot, at));
        }

        @Override
        public void parse(String text, AccumulatorTable cells, int slot) {
            try {
                cells.whole(slot, at, Long.parseLong(text));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("this is not a whole number");
            }
        }
    }

    /** A sum of longs, which a person can read as a decimal. */
    record Sum(String name, int at, int scale) implements Column {
        @Override
        public String text(AccumulatorTable cells, int slot) {
            long[] words = words(cells, slot, at, Sum128.LONGS);
            return Sum128.text(words, 0, scale);
        }

        @Override
        public void parse(String text, AccumulatorTable cells, int slot) {
            long[] words = new long[Sum128.LONGS];
            Sum128.parse(text, scale, words, 0);
            set(words, cells, slot, at);
        }
    }

    /** A sum of squares of longs. */
    record Squares(String name, int at, int scale) implements Column {
        @Override
        public String text(AccumulatorTable cells, int slot) {
            return Squares192.text(words(cells, slot, at, Squares192.LONGS), 0, 2 * scale);
        }

        @Override
        public void parse(String text, AccumulatorTable cells, int slot) {
            long[] words = new long[Squares192.LONGS];
            Squares192.parse(text, 2 * scale, words, 0);
            set(words, cells, slot, at);
        }
    }

    /** A part, in Base64; empty if no record counted for it. */
    record Encoded(String name, int at, PartKind<?> kind) implements Column {
        @Override
        public String text(AccumulatorTable cells, int slot) {
            Part part = cells.part(slot, at);
            if (part == null) {
                return "";
            }
            byte[] bytes = new byte[part.encodedBytes()];
            part.write(bytes, 0);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        }

        @Override
        public void parse(String text, AccumulatorTable cells, int slot) {
            try {
                cells.part(
                        slot,
                        at,
                        text.isEmpty()
                                ? null
                                : kind.read(
                                        ByteBuffer.wrap(Base64.getUrlDecoder().decode(text))));
            } catch (IllegalArgumentException e) {
                // The cause is dropped, because its message may quote the text.
                throw new IllegalArgumentException("this is not an accumulator in Base64");
            }
        }
    }

    private static long[] words(AccumulatorTable cells, int slot, int at, int count) {
        long[] words = new long[count];
        for (int i = 0; i < count; i++) {
            words[i] = cells.whole(slot, at + i);
        }
        return words;
    }

    private static void set(long[] words, AccumulatorTable cells, int slot, int at) {
        for (int i = 0; i < words.length; i++) {
            cells.whole(slot, at + i, words[i]);
        }
    }
}
