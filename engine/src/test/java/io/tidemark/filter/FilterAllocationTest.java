package io.tidemark.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.tidemark.job.Condition;
import io.tidemark.json.FieldPath;
import io.tidemark.json.FieldScanner;
import io.tidemark.json.FieldValues;
import io.tidemark.testkit.JobJson;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterAllocationTest {
    private static final int RECORDS = 100_000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r < 5.5",
                "r == 5",
                "r <= s",
                "r in [4, 5]",
                "t < 'b'",
                "t.contains('a')",
                "flag == other",
                "t in ['a']"
            })
    void nothingIsAllocatedForARecord(String condition) throws Exception {
        Condition where = Objects.requireNonNull(JobJson.where(condition).where());
        List<FieldPath> fields = where.paths().stream().map(FieldPath::parse).toList();
        Filter filter = new Filter(where, where.paths()::indexOf);
        FieldValues values = new FieldValues(fields);
        byte[] record = "{\"r\":5,\"s\":5.0,\"t\":\"a\",\"flag\":true,\"other\":true}".getBytes(StandardCharsets.UTF_8);
        new FieldScanner(fields).scan(record, 0, record.length, values);
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        accept(filter, values);
        thread.getThreadAllocatedBytes(Thread.currentThread().getId());

        long before = thread.getThreadAllocatedBytes(Thread.currentThread().getId());
        accept(filter, values);
        long allocated = thread.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;

        // A whole object for each record would be 16 bytes.
        assertThat((double) allocated / RECORDS).isLessThan(0.1);
    }

    private static void accept(Filter filter, FieldValues values) throws Exception {
        for (int i = 0; i < RECORDS; i++) {
            assertTrue(filter.accepts(values));
        }
    }
}
