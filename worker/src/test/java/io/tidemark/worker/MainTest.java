package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
    private final StringWriter err = new StringWriter();
    private final StringWriter out = new StringWriter();

    @Test
    void helpNamesEveryOption() {
        assertThat(run("worker", "--help")).isZero();

        assertThat(out.toString())
                .contains(
                        "--kafka-config",
                        "--kafka-consumer-config",
                        "--kafka-producer-config",
                        "--task-queue",
                        "--address",
                        "--namespace",
                        "--staging",
                        "--reader",
                        "--health-port",
                        "TEMPORAL_ADDRESS");
    }

    @Test
    void anUnknownOptionIsWrongUsage() {
        assertThat(run("worker", "--kafka", "x")).isEqualTo(2);
    }

    @Test
    void aReaderIsOneOfTwo(@TempDir Path folder) {
        String none = folder.resolve("none").toString();
        assertThat(run("worker", "--reader", "consumer", "--kafka-config", none))
                .as("as far as the file that is not there")
                .isEqualTo(1);
        assertThat(run("worker", "--reader", "other", "--kafka-config", none)).isEqualTo(2);
        assertThat(err.toString()).contains("--reader", "other");
    }

    @Test
    void aKafkaFileThatMakesNoSenseIsWrongUsageAndNamesItsLine(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("kafka.config"), "bootstrap.servers\n");

        assertThat(run("worker", "--kafka-config", file.toString())).isEqualTo(2);
        assertThat(err.toString()).startsWith("error: ").contains("kafka.config");
    }

    @Test
    void aMissingKafkaFileIsNamed(@TempDir Path folder) {
        assertThat(run("worker", "--kafka-config", folder.resolve("none").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("none");
    }

    private int run(String... args) {
        CommandLine commands = Main.commandLine();
        return commands.setErr(new PrintWriter(err))
                .setOut(new PrintWriter(out))
                .execute(args);
    }
}
