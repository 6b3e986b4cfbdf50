package io.tidemark.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Splits a stream into lines of bytes without decoding them. A line ends with {@code \n} or {@code \r\n}, the last one
 * also at the end of the stream. Holds one line at a time.
 */
final class ByteLines {
    /** Far more than a Kafka record may have; a file without line ends must not fill the heap. */
    static final int LONGEST = 1 << 26;

    private final InputStream in;
    private byte[] buffer = new byte[1 << 16];
    private int start;
    private int length;
    private int next;
    private int end;
    private long number;

    ByteLines(InputStream in) {
        this.in = in;
    }

    /**
     * Goes to the next line. Returns false at the end of the stream.
     *
     * @throws IOException if the stream cannot be read, or if the line is longer than {@link #LONGEST}
     */
    boolean next() throws IOException {
        start = next;
        int scanned = 0;
        while (true) {
            for (int i = start + scanned; i < end; i++) {
                if (buffer[i] == '\n') {
                    return line(i, i + 1);
                }
            }
            scanned = end - start;
            if (!fill()) {
                return scanned > 0 && line(end, end);
            }
        }
    }

    private boolean line(int to, int nextLine) {
        length = to > start && buffer[to - 1] == '\r' ? to - 1 - start : to - start;
        next = nextLine;
        number++;
        return true;
    }

    /** Reads more bytes of the current line. Returns false at the end of the stream. */
    private boolean fill() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        } else if (end == LONGEST) {
            throw new IOException("line " + (number + 1) + " is longer than " + LONGEST + " bytes");
        } else if (end == buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.min(LONGEST, 2 * buffer.length));
        }
        int read = in.read(buffer, end, buffer.length - end);
        end += Math.max(0, read);
        return read >= 0;
    }

    /** Returns the array that holds the line, from {@link #start}; it is overwritten by {@link #next()}. */
    byte[] buffer() {
        return buffer;
    }

    int start() {
        return start;
    }

    /** Returns how many bytes the line has without its line end. */
    int length() {
        return length;
    }

    /** Returns the number of the line; the first one is 1. */
    long number() {
        return number;
    }
}
