package io.tidemark.csv;

import com.fasterxml.jackson.core.io.NumberOutput;
import io.tidemark.aggregate.AccumulatorTable;
import io.tidemark.aggregate.AggregatorException;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Column;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.job.JobSpec;
import io.tidemark.part.LimitException;
import io.tidemark.window.WindowAssigner;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.IntFunction;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * Cells as CSV, for the next activity and for people: a line for each partition, window and group. It has the window as
 * text (which is not read back) and as milliseconds, the groups in the form of {@link GroupValue#plain}, the count, the
 * doubles of {@link CellLayout}, and what its accumulators have. All values are read back exactly.
 */
public final class CellCsv {
    private static final CSVFormat FORMAT =
            CSVFormat.DEFAULT.builder().setRecordSeparator('\n').get();

    private final CellLayout layout;
    private final WindowAssigner windows;
    private final List<String> header;
    /** What the accumulators of the layout have. */
    private final List<Column> columns;

    /** A format for the cells of a job. */
    public CellCsv(JobSpec job) {
        layout = CellLayout.of(job);
        windows = WindowAssigner.of(job.window());
        header = new ArrayList<>(List.of("partition", "window", "windowStart"));
        job.groupBy().forEach(each -> header.add(each.field()));
        header.add("count");
        header.addAll(layout.columns());
        columns = layout.accumulators().columns();
        columns.forEach(each -> header.add(each.name()));
    }

    /**
     * Writes all cells, by partition, window and group.
     *
     * @return how many rows there are, without the header
     * @throws AggregatorException if a plugin cannot write its totals
     */
    public long write(Appendable out, SortedMap<Integer, CellTable> byPartition) throws IOException {
        CSVPrinter printer = new CSVPrinter(out, FORMAT);
        printer.printRecord(header);
        long rows = 0;
        for (Map.Entry<Integer, CellTable> partition : byPartition.entrySet()) {
            CellTable table = partition.getValue();
            for (int slot : table.sortedSlots()) {
                printer.print(partition.getKey());
                printer.print(windows.text(table.window(slot)));
                printer.print(table.window(slot));
                for (GroupValue each : GroupKey.values(table.key(slot))) {
                    printer.print(each.plain());
                }
                printer.print(table.count(slot));
                for (int i = 0; i < layout.doubles(); i++) {
                    printer.print(NumberOutput.toString(table.value(slot, i), true));
                }
                try {
                    for (Column each : columns) {
                        printer.print(each.text(table.accumulators(), slot));
                    }
                } catch (AggregatorException e) {
                    throw e.at("partition " + partition.getKey());
                }
                printer.println();
                rows++;
            }
        }
        printer.flush();
        return rows;
    }

    /**
     * Reads cells, and adds them to tables.
     *
     * @param tableOfPartition the table for the cells of a partition
     * @return how many rows there were, without the header
     * @throws IOException if a value cannot be read; the message names line and column, and shows no content
     */
    public long read(Reader in, IntFunction<CellTable> tableOfPartition) throws IOException {
        CSVParser parser = CSVParser.parse(in, FORMAT);
        Cursor row = new Cursor(parser);
        if (!row.next()) {
            throw new IOException("line 1: the file is empty; there should be a line with the names of its columns");
        }
        for (String name : header) {
            if (!row.text().equals(name)) {
                throw row.unreadable("there is another name in the first line; the file belongs to another job");
            }
        }
        double[] values = new double[layout.doubles()];
        AccumulatorTable cell = new AccumulatorTable(layout.accumulators(), 1);
        long rows = 0;
        for (; row.next(); rows++) {
            CellTable table = tableOfPartition.apply((int) row.number(0, Integer.MAX_VALUE));
            row.text();
            long window = row.number(Long.MIN_VALUE, Long.MAX_VALUE);
            byte[] key = row.group();
            long count = row.number(1, Long.MAX_VALUE);
            for (int i = 0; i < values.length; i++) {
                values[i] = row.decimal();
            }
            for (Column each : columns) {
                row.column(each, cell);
            }
            try {
                table.addPartial(table.findOrAdd(window, key, 0, key.length), count, values, 0, cell, 0);
            } catch (LimitException e) {
                throw new IOException("line " + row.line + ": " + e.getMessage(), e);
            }
        }
        return rows;
    }

    /**
     * Reads the file column by column and keeps its position for messages, which never show the content of a column.
     */
    private final class Cursor {
        private final CSVParser parser;
        private final Iterator<CSVRecord> records;
        private List<String> row = List.of();
        private long line;
        private int column;

        Cursor(CSVParser parser) {
            this.parser = parser;
            records = parser.iterator();
        }

        boolean next() throws IOException {
            line = parser.getCurrentLineNumber() + 1;
            column = 0;
            try {
                if (!records.hasNext()) {
                    return false;
                }
                row = records.next().toList();
            } catch (UncheckedIOException e) {
                if (e.getCause() instanceof CSVException) {
                    throw new IOException("line " + line + " is not CSV: a quote stands where none may", e);
                }
                throw e.getCause();
            }
            if (row.size() != header.size()) {
                throw new IOException(
                        "line " + line + " has " + row.size() + " columns, there should be " + header.size());
            }
            return true;
        }

        String text() {
            return row.get(column++);
        }

        long number(long least, long most) throws IOException {
            try {
                long value = Long.parseLong(text());
                if (value >= least && value <= most) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // The same problem as a number out of range.
            }
            throw unreadable("this is not a whole number from " + least + " to " + most);
        }

        double decimal() throws IOException {
            try {
                return Double.parseDouble(text());
            } catch (NumberFormatException e) {
                throw unreadable("this is not a number");
            }
        }

        void column(Column column, AccumulatorTable cell) throws IOException {
            try {
                column.parse(text(), cell, 0);
            } catch (IllegalArgumentException e) {
                throw unreadable(e.getMessage());
            }
        }

        byte[] group() throws IOException {
            List<GroupValue> values = new ArrayList<>();
            for (int i = 0; i < layout.groups(); i++) {
                try {
                    values.add(GroupValue.parsePlain(text()));
                } catch (IllegalArgumentException e) {
                    throw unreadable(e.getMessage());
                }
            }
            return GroupKey.of(values);
        }

        IOException unreadable(@Nullable String problem) {
            return new IOException("line " + line + ", column " + header.get(column - 1) + ": " + problem);
        }
    }
}
