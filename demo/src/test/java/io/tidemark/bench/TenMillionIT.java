package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Ten million records pass through a worker whose heap could not hold them, because memory depends on cells, not
 * records. The bench checks the rows.
 */
@Tag("scale")
class TenMillionIT {

    @Test
    void tenMillionRecordsGoThroughAHeapOf256Megabytes() throws Exception {
        Process bench = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.tidemark.worker.Main",
                        "bench",
                        "--worker-heap=256m",
                        "--records=10000000",
                        "--warm-up=0",
                        "--runs=1")
                .redirectErrorStream(true)
                .start();

        String printed = new String(bench.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(bench.waitFor()).as(printed).isZero();
        assertThat(printed).contains("rows were equal to the generator's sums");
    }
}
