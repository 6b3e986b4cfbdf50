package io.tidemark.fold;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.json.FieldPath;
import io.tidemark.json.FieldScanner;
import io.tidemark.json.FieldValues;
import io.tidemark.json.TimestampReader;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One record of the tutorial's form in memory: scan, read the time, fold. Nanoseconds for each record.
 *
 * <p>On a busy machine of 2 cores, the fastest of many passes over 10,000 records ({@code -bm sample}, p0.00):
 *
 * <pre>
 *                                                     tutorial            wide
 *                                                     scan  time  fold    scan  time  fold
 * every record looked at wholly                         53    82    99     137   165   190
 * bets on the layout, times eight digits at a time      38    55    63      96   117   147
 * </pre>
 *
 * <p>Tried and left out: to bet on the names of the record before alone (59 instead of 66 for a scan, wide the same,
 * swapped 77 instead of 65), and to walk over strings eight bytes at a time without a bet (58 instead of 54).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RecordFolderBenchmark {
    private static final int RECORDS = 10_000;
    private static final String WHERE = "voltage >= 220 && voltage < 250";
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("dd/MM/yyyy HH:mm:ss", Locale.ENGLISH);

    /**
     * How the records are laid out, and whether their times rise or jump about within 30 days. The last two have 40 fields,
     * the needed ones first; in {@code nested} every fourth of the others is an object.
     */
    @Param({"tutorial", "unsorted", "wide", "swapped", "forty", "nested"})
    String records = "tutorial";

    /** How much of a record is looked at. */
    @Param({"whole", "needed"})
    String check = "whole";

    private final byte[][] values = new byte[RECORDS][];
    private final List<FieldPath> fields = List.of(FieldPath.parse("datetime"), FieldPath.parse("voltage"));
    private final FieldValues scanned = new FieldValues(fields);
    private FieldScanner scanner = new FieldScanner(fields);
    private JobSpec job = JobJson.job("");
    private TimestampReader times = TimestampReader.of(job.input().timestamp());
    private RecordFolder folder = new RecordFolder(job);
    private final InputRecord input = new InputRecord();
    private JobFolder plain = new JobFolder(job);
    private JobFolder filtering = new JobFolder(job);
    private CellTable cells = new CellTable(CellLayout.of(job), 1_000);

    /** Makes the records, and checks that every bench computes the right thing. */
    @Setup
    public void makeRecords() throws Exception {
        job = JobJson.job("{ input: { topic: 'in', check: '" + check
                + "', timestamp: { field: 'datetime', pattern: 'dd/MM/yyyy HH:mm:ss' } } }");
        scanner = new FieldScanner(fields, job.input().check());
        times = TimestampReader.of(job.input().timestamp());
        folder = new RecordFolder(job);
        plain = new JobFolder(job);
        filtering = new JobFolder(JobSpec.fromJson(job.toJson().<ObjectNode>deepCopy().put("where", WHERE)));
        cells = new CellTable(CellLayout.of(job), 1_000);
        Random random = new Random(1);
        LocalDateTime start = LocalDateTime.parse("2006-12-16T17:24:00");
        long volts = 0;
        for (int i = 0; i < RECORDS; i++) {
            String time = (records.equals("unsorted")
                            ? start.plusMinutes(random.nextInt(30 * 24 * 60))
                            : start.plusMinutes(i))
                    .format(FORMAT);
            int hundredths = 22_000 + random.nextInt(3_000);
            volts += hundredths;
            String voltage = hundredths / 100 + "." + hundredths % 100 / 10 + hundredths % 10;
            values[i] = record(i, time, voltage).getBytes(StandardCharsets.UTF_8);
        }
        long folded = fold();
        if (folded != RECORDS || Math.abs(sum() - volts / 100.0) > 1e-6 || scan() == 0 || times() == 0 || plain() != RECORDS || where() != RECORDS) {
            throw new IllegalStateException("the answer is wrong");
        }
    }

    private String record(int i, String time, String voltage) {
        String datetime = "\"datetime\":\"" + time + "\"";
        return switch (records) {
            case "wide" ->
                "{\"meter\":{\"id\":\"meter-" + i % 50 + "\",\"room\":\"kitchen\"},\"seq\":" + i + "," + datetime
                        + ",\"tags\":[\"a\",\"b\"],\"ok\":true,\"current\":10.6,\"voltage\":" + voltage + ",\"power\":4.2}";
            case "swapped" ->
                i % 2 == 0 ? "{\"voltage\":" + voltage + "," + datetime + "}" : "{" + datetime + ",\"voltage\":" + voltage + "}";
            case "forty", "nested" -> {
                StringBuilder wide = new StringBuilder("{" + datetime + ",\"voltage\":" + voltage);
                for (int field = 2; field < 40; field++) {
                    wide.append(",\"field").append(field).append("\":");
                    if (field % 4 == 0 && records.equals("nested")) {
                        wide.append("{\"x\":").append(i + field).append(",\"y\":\"text\"}");
                    } else if (field % 2 == 0) {
                        wide.append(i * 31 % 1_000 / 10.0);
                    } else {
                        wide.append("\"text ").append(i % 50).append('"');
                    }
                }
                yield wide.append('}').toString();
            }
            default -> "{" + datetime + ",\"voltage\":" + voltage + "}";
        };
    }

    private double sum() {
        double sum = 0;
        for (int slot = 0; slot < cells.size(); slot++) {
            sum += cells.value(slot, 0);
        }
        return sum;
    }

    /** Finds the two fields. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public double scan() throws Exception {
        double sum = 0;
        for (byte[] each : values) {
            scanner.scan(each, 0, each.length, scanned);
            sum += scanned.number(1);
        }
        return sum;
    }

    /** Finds the fields and reads the time. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long times() throws Exception {
        long sum = 0;
        for (byte[] each : values) {
            scanner.scan(each, 0, each.length, scanned);
            sum += times.millis(scanned, 0);
        }
        return sum;
    }

    /** Everything. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long fold() throws Exception {
        long before = count();
        for (byte[] each : values) {
            folder.fold(cells, each, 0, each.length, 0);
        }
        return count() - before;
    }

    /** Everything, by the folder that the steps use. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long plain() throws Exception {
        return fold(plain);
    }

    /** The same with a condition of two comparisons, which all records fulfil. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long where() throws Exception {
        return fold(filtering);
    }

    private long fold(JobFolder by) throws Exception {
        long before = count();
        for (byte[] each : values) {
            input.setContent(each, 0, InputRecord.NULL, 0, each.length);
            by.fold(cells, null, input);
        }
        return count() - before;
    }

    private long count() {
        long count = 0;
        for (int slot = 0; slot < cells.size(); slot++) {
            count += cells.count(slot);
        }
        return count;
    }
}
