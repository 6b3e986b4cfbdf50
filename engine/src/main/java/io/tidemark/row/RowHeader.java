package io.tidemark.row;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The headers of rows. The first is in every row: it says that the record is a row, and which job wrote it. A job that reads
 * rows as its input would count each correction of a row, so a plan looks for this header. It is the same for all rows of a
 * job. The others are in the rows of jobs with {@code close}.
 */
public final class RowHeader {
    /** The name of the header of every row. */
    public static final String NAME = "tidemark.row";

    /** The name of the header that says which records are in the row: those of the partition below this input offset. */
    public static final String THROUGH = "tidemark.through";

    /** The name of the header of a row whose window is closed, with the value {@code true}: no other row of its key follows. */
    public static final String FINAL = "tidemark.final";

    private RowHeader() {}

    /** Returns the value of {@link #NAME}: {@code <job>/<generation>} in UTF-8. */
    public static byte[] value(String job, long generation) {
        return bytes(job + "/" + generation);
    }

    /**
     * Returns the headers of the rows of a batch of a job with {@code close}.
     *
     * @param through the input offset after the batch
     * @param isFinal whether the rows are those of closed windows
     */
    public static Map<String, byte[]> ofClosingJob(String job, long generation, long through, boolean isFinal) {
        Map<String, byte[]> headers = new LinkedHashMap<>();
        headers.put(NAME, value(job, generation));
        headers.put(THROUGH, bytes(Long.toString(through)));
        if (isFinal) {
            headers.put(FINAL, bytes("true"));
        }
        return headers;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the job that wrote a row, from the value of its header. */
    public static String job(byte[] value) {
        String text = new String(value, StandardCharsets.UTF_8);
        int slash = text.lastIndexOf('/');
        return slash < 0 ? text : text.substring(0, slash);
    }
}
