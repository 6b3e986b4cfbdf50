package io.tidemark.state;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/** The keys of the state topic: {@code progress}, and {@code <window>/<n>} for the n-th chunk of a window's cells. */
public final class StateKeys {
    private static final byte[] PROGRESS = bytes("progress");
    private static final Pattern CHUNK = Pattern.compile("-?\\d{1,19}/\\d{1,9}");

    private static final Pattern PARTIAL = Pattern.compile("-?\\d{1,19}/\\d{1,9}/\\d{1,19}-\\d{1,19}");

    private StateKeys() {}

    /** The key of the progress record. */
    public static byte[] progress() {
        return PROGRESS.clone();
    }

    /** Whether a key is that of the progress record. */
    public static boolean isProgress(byte[] key) {
        return Arrays.equals(key, PROGRESS);
    }

    /** The key of a chunk. */
    public static byte[] chunk(long window, int number) {
        return bytes(window + "/" + number);
    }

    /**
     * The key of partial totals: their window, and for a person the input partition and the offsets that they are made of,
     * {@code <window>/<partition>/<from>-<to>}.
     */
    public static byte[] partial(long window, int partition, long from, long to) {
        return bytes(window + "/" + partition + "/" + from + "-" + to);
    }

    /**
     * The window of a key of partial totals.
     *
     * @throws IllegalArgumentException if it is not one
     */
    public static long windowOfPartial(byte[] key) {
        String text = new String(key, StandardCharsets.UTF_8);
        if (!PARTIAL.matcher(text).matches()) {
            throw new IllegalArgumentException("the key is not one of partial totals");
        }
        return Long.parseLong(text.substring(0, text.indexOf('/')));
    }

    /** Whether a key is that of a chunk. */
    public static boolean isChunk(byte[] key) {
        return CHUNK.matcher(new String(key, StandardCharsets.UTF_8)).matches();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
