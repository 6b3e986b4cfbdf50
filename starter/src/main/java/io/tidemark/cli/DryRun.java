package io.tidemark.cli;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.cli.OutputReader.Row;
import io.tidemark.fold.Fate;
import io.tidemark.fold.HeaderBytes;
import io.tidemark.fold.InputRecord;
import io.tidemark.fold.JobFolder;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.part.LimitException;
import io.tidemark.row.NotFiniteException;
import io.tidemark.row.RowEncoder;
import io.tidemark.row.WindowTotals;
import io.tidemark.window.RowWindows;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Runs a job over records in memory, as a worker does for the first batch of partition 0, without any server. Memory
 * follows the number of rows, not of records.
 */
final class DryRun {
    private final JobFolder folder;
    private final InputRecord record = new InputRecord();
    private final HeaderBytes headers = new HeaderBytes(more -> {});
    private final CellTable cells;
    private final RowWindows windows;
    private final RowEncoder encoder;
    private long offset;

    DryRun(JobSpec job) {
        folder = new JobFolder(job);
        cells = new CellTable(CellLayout.of(job), job.limits().cells());
        windows = RowWindows.of(job.window());
        encoder = new RowEncoder(job);
    }

    /** Adds one record unless the job filters it; see {@link JobFolder#fold}. */
    boolean add(byte[] value, int off, int len, long timestamp) throws MalformedRecordException, LimitException {
        record.setPlace(0, offset++, timestamp);
        record.setContent(value, 0, InputRecord.NULL, off, len);
        return added();
    }

    /** Adds one record with its key and headers. */
    boolean add(RecordLine line, long timestamp) throws MalformedRecordException, LimitException {
        record.setPlace(0, offset++, timestamp);
        record.setContent(line.key() == null ? null : ByteBuffer.wrap(line.key()), ByteBuffer.wrap(line.value()));
        headers.begin(line.headers().size());
        line.headers().forEach(headers::add);
        headers.set(record);
        return added();
    }

    private boolean added() throws MalformedRecordException, LimitException {
        return folder.fold(cells, null, record) == Fate.FOLDED;
    }

    /** Returns the rows, sorted by key as {@code results} sorts them. Their offset is 0, because nothing is written. */
    List<Row> rows() throws NotFiniteException, LimitException {
        List<Row> rows = new ArrayList<>(cells.size());
        if (windows.overlap()) {
            WindowTotals totals = new WindowTotals(windows, cells.layout(), Memory.UNBOUNDED, List.of(cells), null);
            for (long window : windows.containing(totals.panes(), Long.MIN_VALUE, Long.MAX_VALUE)) {
                add(rows, totals.of(window));
            }
        } else {
            add(rows, cells);
        }
        rows.sort(Comparator.comparing(Row::key));
        return rows;
    }

    private void add(List<Row> rows, CellTable totals) throws NotFiniteException {
        for (int slot = 0; slot < totals.size(); slot++) {
            rows.add(new Row(0, 0, text(encoder.key(totals, slot)), text(encoder.value(totals, slot))));
        }
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
