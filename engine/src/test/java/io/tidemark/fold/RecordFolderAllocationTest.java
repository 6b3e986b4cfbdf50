package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.testkit.JobJson;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RecordFolderAllocationTest {
    private static final InputRecord INPUT = new InputRecord();
    /** A header a with the value bc. */
    private static final byte[] HEADERS = {2, 2, 'a', 4, 'b', 'c'};

    private static final int RECORDS = 100_000;
    // The interpreter and the compiler's threads do not count here; a whole object for each record would be 16 bytes.
    private static final double MOST_BYTES_PER_RECORD = 0.1;

    static Stream<Arguments> jobs() {
        return Stream.of(
                Arguments.of("", "{\"datetime\":\"%02d/12/2006 16:52:00\",\"voltage\":239.%02d}"),
                Arguments.of("", "{\"datetime\":\"%02d\\/12\\/2006 16:52:00\",\"\\u0076oltage\":%d}"),
                Arguments.of(
                        "{ window: { every: 'hour', zone: 'Europe/Berlin' }, groupBy: ['m.id', 'ok'],"
                                + " input: { topic: 'in', timestamp: { field: 't', format: 'iso', zone: 'Europe/Berlin' } },"
                                + " aggregate: { n: 'count', a: { mean: 'v[0]' }, b: { max: 'v[1]' } } }",
                        "{\"x\":[{},null,\"é\"],\"t\":\"2007-10-%02dT02:30:00.5\",\"m\":{\"id\":%d.50},\"ok\":true,"
                                + "\"v\":[-1.5e3,2]}"),
                Arguments.of(
                        "{ where: 'voltage > 200 && kind == \"reading\" && !has(test)' }",
                        "{\"datetime\":\"%02d/12/2006 16:52:00\",\"voltage\":239.%02d,\"kind\":\"reading\"}"),
                Arguments.of(
                        "{ aggregate: { n: { count: '*', where: 'voltage > 239.5' }, s: { sum: 'voltage', decimal: 2 },"
                                + " m: { mean: 'voltage', integer: true, where: 'voltage < 0' }, v: { stddev: 'voltage' },"
                                + " x: { variance: 'voltage', decimal: 2 }, a: { max: 'other', absent: 'skip' },"
                                + " l: { last: 'kind' }, f: { first: 'voltage', decimal: 3 } } }",
                        "{\"datetime\":\"%02d/12/2006 16:52:00\",\"voltage\":239.%02d,\"kind\":\"reading\"}"),
                Arguments.of(
                        "{ aggregate: { d: { distinct: 'voltage' }, u: { distinct: 'voltage', method: 'approximate' },"
                                + " q: { quantile: 'voltage', at: 0.95 }, t: { largest: 'voltage', k: 10 },"
                                + " o: { frequent: 'voltage', k: 5, capacity: 100 } } }",
                        "{\"datetime\":\"%02d/12/2006 16:52:00\",\"voltage\":239.%02d}"),
                Arguments.of(
                        "{ input: { topic: 'in', timestamp: 'record' }, groupBy: [{ key: true, as: 'k' }, { header: 'a' },"
                                + " { meta: 'partition' }, { path: 'x', absent: '-' }, { path: 'day', absent: 7 }],"
                                + " where: 'offset() >= 0 && header(\"a\") == \"bc\" && !has(header(\"b\"))' }",
                        "{\"day\":%d,\"voltage\":239.%02d}"),
                Arguments.of(
                        "{ input: { topic: 'in', timestamp: { field: { key: 'at' }, format: 'epochSeconds' }, key: 'json' },"
                                + " groupBy: [{ key: 'voltage', as: 'v', absent: 0 }] }",
                        "{\"at\":%d,\"voltage\":239.%02d}"));
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void nothingIsAllocatedForARecord(String changes, String format) throws Exception {
        JobSpec job = JobJson.job(changes);
        JobFolder folder = new JobFolder(job);
        CellTable table = new CellTable(CellLayout.of(job), 10_000);
        byte[][] records = new byte[1_000][];
        for (int i = 0; i < records.length; i++) {
            records[i] = String.format(Locale.ROOT, format, 1 + i % 28, i % 100).getBytes(StandardCharsets.UTF_8);
        }
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        fold(folder, table, records);
        thread.getThreadAllocatedBytes(Thread.currentThread().getId());

        long before = thread.getThreadAllocatedBytes(Thread.currentThread().getId());
        fold(folder, table, records);
        long allocated = thread.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;

        assertThat((double) allocated / RECORDS).isLessThan(MOST_BYTES_PER_RECORD);
        assertThat(table.size()).isPositive();
    }

    private static void fold(JobFolder folder, CellTable table, byte[][] records) throws Exception {
        for (int i = 0; i < RECORDS; i++) {
            byte[] record = records[i % records.length];
            INPUT.setPlace(i % 7, i, i);
            INPUT.setContent(record, 0, record.length, 0, record.length);
            INPUT.setHeaders(HEADERS, 0);
            folder.fold(table, null, INPUT);
        }
    }
}
