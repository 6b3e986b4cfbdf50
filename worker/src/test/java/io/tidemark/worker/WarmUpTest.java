package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.aggregate.CellTable;
import io.tidemark.fold.RecordFolder;
import io.tidemark.json.FieldScanner;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    /** What {@code -XX:+PrintCompilation} prints of a method that the optimizing compiler has compiled. */
    private static final String OPTIMIZED = "(?s).*\\s4\\s+%s::.*";

    /** In a JVM of its own: in this one other tests have warmed it up. */
    @Test
    void itLeavesTheHotLoopOptimized() throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        // A method is compiled when it is hot, not when the compiler's threads come to it.
                        "-Xbatch",
                        "-XX:+PrintCompilation",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WarmUpTest.class.getName())
                .redirectErrorStream(true)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(printed).isZero();
        for (Class<?> hot : List.of(FieldScanner.class, RecordFolder.class, CellTable.class)) {
            assertThat(printed).as("methods of %s", hot).matches(OPTIMIZED.formatted(hot.getName()));
        }
        assertThat(printed).contains("counted " + WarmUp.RECORDS);
    }

    /** The program of that JVM. */
    public static void main(String[] args) {
        System.out.println("counted " + WarmUp.run());
    }
}
