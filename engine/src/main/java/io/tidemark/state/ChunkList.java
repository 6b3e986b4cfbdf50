package io.tidemark.state;

import io.tidemark.number.Varint;
import io.tidemark.state.ChunkRef.Page;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The list of a partition's chunks as bytes: the number of chunks, and for each of them window, number and offset as {@link
 * Varint}s, window and offset as differences from the chunk before, and the checksum in four bytes, big-endian: about 9
 * bytes a chunk.
 *
 * <p>Version 2 adds the number of cells, or 0 for a chunk that was written in version 1. A page has two more numbers and a
 * text: its length, how many bytes of {@link Page#first} are those of the last page that has any, and the other bytes of it
 * with their length. This makes about 16 bytes a page.
 */
final class ChunkList {
    private ChunkList() {}

    static byte[] pack(List<ChunkRef> chunks, int version) {
        byte[] bytes = new byte[chunks.stream().mapToInt(ChunkList::room).sum() + Varint.MAX_BYTES];
        int at = Varint.write(chunks.size(), bytes, 0);
        long window = 0;
        long offset = 0;
        byte[] first = {};
        for (ChunkRef each : chunks) {
            at = Varint.write(zigZag(each.window() - window), bytes, at);
            at = Varint.write(each.number(), bytes, at);
            at = Varint.write(zigZag(each.offset() - offset), bytes, at);
            ByteBuffer.wrap(bytes).putInt(at, each.checksum());
            at += Integer.BYTES;
            window = each.window();
            offset = each.offset();
            Page page = each.page();
            if (version > 1) {
                at = Varint.write(page == null ? 0 : page.cells(), bytes, at);
            }
            if (page != null) {
                int shared = WindowPages.common(first, page.first());
                int rest = page.first().length - shared;
                at = Varint.write(page.bytes(), bytes, at);
                at = Varint.write(shared, bytes, at);
                at = Varint.write(rest, bytes, at);
                System.arraycopy(page.first(), shared, bytes, at, rest);
                at += rest;
                first = next(first, page);
            }
        }
        return Arrays.copyOf(bytes, at);
    }

    private static int room(ChunkRef chunk) {
        Page page = chunk.page();
        return 7 * Varint.MAX_BYTES + Integer.BYTES + (page == null ? 0 : page.first().length);
    }

    static List<ChunkRef> unpack(byte[] bytes, int version) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long size = Varint.read(in);
        List<ChunkRef> chunks = new ArrayList<>();
        long window = 0;
        long offset = 0;
        byte[] first = {};
        for (long i = 0; i < size; i++) {
            window += unZigZag(Varint.read(in));
            int number = Math.toIntExact(Varint.read(in));
            offset += unZigZag(Varint.read(in));
            int checksum = in.getInt();
            int cells = version > 1 ? Math.toIntExact(Varint.read(in)) : 0;
            Page page = null;
            if (cells > 0) {
                int length = Math.toIntExact(Varint.read(in));
                page = new Page(first(first, in), cells, length);
                first = next(first, page);
            }
            chunks.add(new ChunkRef(window, number, offset, checksum, page));
        }
        if (in.hasRemaining()) {
            throw new IllegalArgumentException("the list of chunks has bytes left over");
        }
        return chunks;
    }

    /** Returns the text that the next page is compared with. The first page of each window begins with nothing. */
    private static byte[] next(byte[] before, Page page) {
        return page.first().length == 0 ? before : page.first();
    }

    private static byte[] first(byte[] before, ByteBuffer in) {
        long shared = Varint.read(in);
        long rest = Varint.read(in);
        if (shared < 0 || shared > before.length || rest < 0 || rest > in.remaining()) {
            throw new IllegalArgumentException("the first group of a page is cut off");
        }
        byte[] first = Arrays.copyOf(before, (int) (shared + rest));
        in.get(first, (int) shared, (int) rest);
        return first;
    }

    /** Returns the window of the first chunk of a list, which is the oldest, or {@link Windows#NO_TOTALS}. */
    static long oldest(byte[] start) {
        ByteBuffer in = ByteBuffer.wrap(start);
        return Varint.read(in) == 0 ? Windows.NO_TOTALS : unZigZag(Varint.read(in));
    }

    /** Maps small numbers of either sign to small unsigned numbers, like Protocol Buffers. */
    private static long zigZag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    private static long unZigZag(long value) {
        return (value >>> 1) ^ -(value & 1);
    }
}
