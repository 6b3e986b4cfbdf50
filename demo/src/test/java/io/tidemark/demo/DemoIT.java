package io.tidemark.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the demo in its own process. Its temporary folder shows which files it leaves. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DemoIT {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temporary;

    @SuppressWarnings("NullAway.Init")
    private Process demo;

    @SuppressWarnings("NullAway.Init")
    private BufferedReader output;

    private final List<String> lines = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        demo = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dlogback.configurationFile=logback-demo.xml",
                        "-Dtidemark.home=..",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.tidemark.launch.Main",
                        "demo",
                        "--readings",
                        "2000")
                .redirectErrorStream(true)
                .start();
        output = demo.inputReader(StandardCharsets.UTF_8);
    }

    @AfterEach
    void stop() {
        demo.destroyForcibly();
    }

    @Test
    void twoRunsCorrectTheDayBetweenThemAndLeaveNothingBehind() throws Exception {
        readUntil("Done after");
        List<ProcessHandle> servers = demo.children().toList();

        assertThat(demo.waitFor()).as(String.join("\n", lines)).isZero();

        assertThat(lines)
                .as("rows of the new day")
                .anyMatch(line -> line.startsWith("2006-12-23"))
                .as("rows of the day with readings of both runs")
                .anyMatch(line -> line.matches(" +2006-12-22, partition \\d: \\d+\\.\\d+ became \\d+\\.\\d+"))
                .as("days with readings of the first run only")
                .noneMatch(line -> line.contains("became") && !line.contains("2006-12-22"));
        assertThat(servers).noneMatch(ProcessHandle::isAlive);
        assertThat(leftInTemporary()).isEmpty();
    }

    @Test
    void endedInTheMiddleOfARunItLeavesNothingBehind() throws Exception {
        readUntil("$ ./tidemark run");
        List<ProcessHandle> servers = demo.children().toList();

        // Sends the signal that Ctrl-C sends. A terminal would also send it to the child processes.
        demo.destroy();
        demo.waitFor();

        for (ProcessHandle server : servers) {
            server.onExit().get(20, TimeUnit.SECONDS);
        }
        assertThat(leftInTemporary()).isEmpty();
    }

    private void readUntil(String start) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            lines.add(line);
            if (line.startsWith(start)) {
                return;
            }
        }
        throw new AssertionError("the demo ended without '" + start + "':\n" + String.join("\n", lines));
    }

    /** Returns the files in the folder without those of the JVM and its libraries. */
    private List<String> leftInTemporary() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("tidemark"))
                    .toList();
        }
    }
}
