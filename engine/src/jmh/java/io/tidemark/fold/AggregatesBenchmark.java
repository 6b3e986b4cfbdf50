package io.tidemark.fold;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
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
 * The time for a record of the tutorial's form with one aggregate of each kind, in seven days, so that each sketch is full; compare
 * with the mean.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AggregatesBenchmark {
    private static final int RECORDS = 10_000;
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("dd/MM/yyyy HH:mm:ss", Locale.ENGLISH);

    /** The aggregate, in a job without any other. */
    @Param({
        "{ mean: 'voltage' }",
        "{ sum: 'voltage', decimal: 2 }",
        "{ sum: 'voltage', absent: 'skip' }",
        "{ sum: 'voltage', where: 'voltage >= 220 && voltage < 250' }",
        "{ stddev: 'voltage' }",
        "{ last: 'voltage' }",
        "{ distinct: 'voltage' }",
        "{ distinct: 'voltage', method: 'approximate' }",
        "{ quantile: 'voltage', at: 0.95 }",
        "{ largest: 'voltage', k: 5 }",
        "{ frequent: 'voltage', k: 5 }"
    })
    String aggregate = "{ mean: 'voltage' }";

    private final byte[][] values = new byte[RECORDS][];
    private final InputRecord input = new InputRecord();
    private JobFolder folder = new JobFolder(JobJson.job(""));
    private CellTable cells = new CellTable(CellLayout.of(JobJson.job("")), 1_000);

    /** Makes the records, and folds them once, so that sets and sketches are as full as they get. */
    @Setup
    public void makeRecords() throws Exception {
        JobSpec job = JobJson.job("{ aggregate: { v: " + aggregate + " } }");
        folder = new JobFolder(job);
        cells = new CellTable(CellLayout.of(job), 1_000);
        Random random = new Random(1);
        LocalDateTime start = LocalDateTime.parse("2006-12-01T00:00:00");
        for (int i = 0; i < RECORDS; i++) {
            int hundredths = 22_000 + random.nextInt(3_000);
            values[i] = String.format(
                            Locale.ROOT,
                            "{\"datetime\":\"%s\",\"voltage\":%d.%02d}",
                            start.plusMinutes(i).format(FORMAT),
                            hundredths / 100,
                            hundredths % 100)
                    .getBytes(StandardCharsets.UTF_8);
        }
        if (fold() != RECORDS) {
            throw new IllegalStateException("the answer is wrong");
        }
    }

    /** Everything that is done with a record. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long fold() throws Exception {
        long before = count();
        for (int i = 0; i < values.length; i++) {
            input.setPlace(0, i, 0);
            input.setContent(values[i], 0, InputRecord.NULL, 0, values[i].length);
            folder.fold(cells, null, input);
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
