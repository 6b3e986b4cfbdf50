package io.tidemark.worker;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.fold.RecordFolder;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;
import io.tidemark.row.RowEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Folds generated records, so that the JVM has compiled the hot loop before the first run. A fresh JVM interprets it
 * for the first tenths of a second.
 */
final class WarmUp {
    /** Takes 0.1 to 0.2 s, after which the compiler has started on the hot loop. */
    static final int RECORDS = 100_000;

    private static final String JOB = """
            {
              "name": "warm-up",
              "input": {
                "topic": "warm-up",
                "timestamp": { "field": "datetime", "pattern": "dd/MM/yyyy HH:mm:ss", "zone": "UTC" }
              },
              "window": { "every": "day", "zone": "UTC" },
              "groupBy": ["meter"],
              "aggregate": { "count": "count", "voltage": { "mean": "voltage" }, "lowest": { "min": "voltage" } },
              "output": { "topic": "warm-up-output" }
            }
            """;

    private WarmUp() {}

    /**
     * Folds the records and encodes the rows. Returns the number of records in the rows, which is {@link #RECORDS}.
     */
    static long run() {
        try {
            JobSpec job = JobCodec.read(new ObjectMapper().readTree(JOB));
            byte[][] records = new byte[1_000][];
            for (int i = 0; i < records.length; i++) {
                // Two layouts of fields, as if two programs had written the records.
                String format = i % 10 == 0
                        ? "{\"meter\":\"m%d\",\"voltage\":%d.5,\"datetime\":\"%02d/12/2006 16:52:00\"}"
                        : "{\"meter\":\"m%d\",\"seq\":7,\"voltage\":%d.25,\"datetime\":\"%02d/12/2006 16:52:00\"}";
                records[i] = String.format(Locale.ROOT, format, i % 7, 220 + i % 30, 1 + i * 28 / records.length)
                        .getBytes(StandardCharsets.UTF_8);
            }
            RecordFolder folder = new RecordFolder(job);
            CellTable cells = new CellTable(CellLayout.of(job), RECORDS);
            for (int i = 0; i < RECORDS && !Thread.currentThread().isInterrupted(); i++) {
                byte[] each = records[i % records.length];
                folder.fold(cells, each, 0, each.length, 0);
            }
            RowEncoder rows = new RowEncoder(job);
            long counted = 0;
            for (int slot : cells.sortedSlots()) {
                rows.key(cells, slot);
                rows.value(cells, slot);
                counted += cells.count(slot);
            }
            return counted;
        } catch (Exception e) {
            throw new IllegalStateException("the warm-up job cannot read the warm-up records", e);
        }
    }
}
