package io.tidemark.row;

import java.nio.charset.StandardCharsets;

/**
 * The header of every row: it says that the record is a row, and which job wrote it. A job that reads rows as its input
 * would count each correction of a row, so a plan looks for this header. It is the same for all rows of a job.
 */
public final class RowHeader {
    /** The name of the header. */
    public static final String NAME = "tidemark.row";

    private RowHeader() {}

    /** Returns the value of the header: {@code <job>/<generation>} in UTF-8. */
    public static byte[] value(String job, long generation) {
        return (job + "/" + generation).getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the job that wrote a row, from the value of its header. */
    public static String job(byte[] value) {
        String text = new String(value, StandardCharsets.UTF_8);
        int slash = text.lastIndexOf('/');
        return slash < 0 ? text : text.substring(0, slash);
    }
}
