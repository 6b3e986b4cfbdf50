package io.tidemark.part;

import io.tidemark.number.Varint;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The text of the first or the last record by (event time, partition, offset), as the typed bytes that a group has.
 *
 * <p>Written: 0 if there is no record; otherwise the partition plus one, the time, the offset, and the text with its length.
 */
public final class TextEdge implements Part {
    private final boolean last;
    private long time;
    private int partition = -1;
    private long offset;
    private byte[] text = {};
    private int length;

    private TextEdge(boolean last) {
        this.last = last;
    }

    /**
     * The kind that keeps the first or the last text.
     *
     * @param longest the most bytes of a text; the caller refuses records with longer ones
     */
    public static PartKind<TextEdge> kind(boolean last, int longest) {
        return new Kind(last, 2L * longest + 2 * HeapBytes.OBJECT);
    }

    /** Takes a record's text if it is beyond the one that is there. Allocates only if the text is longer than all before. */
    public void add(long newTime, int newPartition, long newOffset, byte[] buf, int off, int len) {
        if (isPresent()) {
            int order = Positions.compare(newTime, newPartition, newOffset, time, partition, offset);
            if (last ? order <= 0 : order >= 0) {
                return;
            }
        }
        if (text.length < len) {
            text = new byte[Math.max(len, Math.min(2 * text.length, len + len / 2))];
        }
        System.arraycopy(buf, off, text, 0, len);
        length = len;
        time = newTime;
        partition = newPartition;
        offset = newOffset;
    }

    /** Whether there is a record. */
    public boolean isPresent() {
        return partition >= 0;
    }

    /** The text's typed bytes; empty without a record. */
    public byte[] text() {
        return Arrays.copyOf(text, length);
    }

    @Override
    public int bytes() {
        return HeapBytes.OBJECT + HeapBytes.ofBytes(text.length);
    }

    @Override
    public void merge(Part from) {
        TextEdge other = (TextEdge) from;
        if (other.isPresent()) {
            add(other.time, other.partition, other.offset, other.text, 0, other.length);
        }
    }

    @Override
    public int encodedBytes() {
        return !isPresent()
                ? 1
                : Varint.size(partition + 1L)
                        + Encoding.signedSize(time)
                        + Varint.size(offset)
                        + Encoding.stringSize(length);
    }

    @Override
    public int write(byte[] into, int at) {
        int end = Varint.write(partition + 1L, into, at);
        if (!isPresent()) {
            return end;
        }
        end = Encoding.writeSigned(time, into, end);
        end = Varint.write(offset, into, end);
        return Encoding.writeString(text, 0, length, into, end);
    }

    private record Kind(boolean last, long maxBytes) implements PartKind<TextEdge> {
        @Override
        public String signature() {
            return last ? "last.1" : "first.1";
        }

        @Override
        public Strength strength() {
            return Strength.EXACT;
        }

        @Override
        public TextEdge create() {
            return new TextEdge(last);
        }

        @Override
        public TextEdge read(ByteBuffer from) {
            int length = from.remaining();
            TextEdge part = new TextEdge(last);
            part.partition = Encoding.readInt(from, Integer.MAX_VALUE) - 1;
            if (part.isPresent()) {
                part.time = Encoding.readSigned(from);
                part.offset = Varint.read(from);
                part.text = Encoding.readString(from);
                part.length = part.text.length;
            }
            return Encoding.complete(part, from, length);
        }
    }
}
