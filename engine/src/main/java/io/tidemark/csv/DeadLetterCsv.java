package io.tidemark.csv;

import java.io.IOException;
import java.io.Reader;
import java.util.Base64;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/** Bad records as CSV, one a row. Keys and values are in Base64, because they may be any bytes. */
public final class DeadLetterCsv {
    private static final String[] COLUMNS = {"partition", "offset", "timestamp", "reason", "problem", "key", "value"};
    private static final CSVFormat FORMAT = CSVFormat.DEFAULT
            .builder()
            .setRecordSeparator('\n')
            .setHeader(COLUMNS)
            // Not valid Base64; "null" would be, and means three bytes.
            .setNullString("-")
            .get();
    private static final CSVFormat READ_FORMAT =
            FORMAT.builder().setSkipHeaderRecord(true).get();

    private DeadLetterCsv() {}

    /** Writes rows one by one. */
    public static CSVPrinter printer(Appendable out) throws IOException {
        return FORMAT.print(out);
    }

    /** Writes one row. */
    public static void print(CSVPrinter printer, DeadLetter each) throws IOException {
        printer.printRecord(
                each.partition(),
                each.offset(),
                each.timestamp(),
                each.reason(),
                each.problem(),
                text(each.key()),
                text(each.value()));
    }

    /** Receives the dead letters of a file. */
    @FunctionalInterface
    public interface Handler {
        /** Called for each, in the order of the file. */
        void deadLetter(DeadLetter each) throws IOException;
    }

    /** Reads all rows; returns how many. */
    public static long read(Reader in, Handler handler) throws IOException {
        try (CSVParser parser = READ_FORMAT.parse(in)) {
            for (CSVRecord row : parser) {
                handler.deadLetter(new DeadLetter(
                        Integer.parseInt(row.get(0)),
                        Long.parseLong(row.get(1)),
                        Long.parseLong(row.get(2)),
                        row.get(3),
                        row.get(4),
                        bytes(row.get(5)),
                        bytes(row.get(6))));
            }
            return parser.getRecordNumber();
        }
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
    }

    private static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : Base64.getDecoder().decode(text);
    }
}
