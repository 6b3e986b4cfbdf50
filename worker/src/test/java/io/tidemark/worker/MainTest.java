package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.settings.BuildInfo;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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
                        "--host-id",
                        "TIDEMARK_HOST_ID",
                        "TEMPORAL_WORKER_BUILD_ID",
                        "--reader",
                        "--output-topics",
                        "TIDEMARK_OUTPUT_TOPICS",
                        "--weak-replication",
                        "TIDEMARK_WEAK_REPLICATION",
                        "--health-port",
                        "--webhook",
                        "--webhook-on",
                        "TIDEMARK_WEBHOOK_SECRET",
                        "--lineage",
                        "--otlp",
                        "TEMPORAL_ADDRESS");
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(run("--version")).isZero();

        assertThat(out.toString().strip())
                .isEqualTo("tidemark " + BuildInfo.current().text());
    }

    @Test
    void anUnknownOptionIsWrongUsage() {
        assertThat(run("worker", "--kafka", "x")).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--webhook", "--lineage", "--otlp"})
    void aUrlThatCannotBePostedToIsRefusedWithoutItsToken(String option) {
        assertThat(run("worker", option, "ftp://example.com/token-of-the-url")).isEqualTo(2);

        assertThat(err.toString())
                .contains(option + " must be a URL such as https://")
                .doesNotContain("token-of-the-url");
    }

    @Test
    void theReaderIsFetchOrConsumer(@TempDir Path folder) {
        String none = folder.resolve("none").toString();
        assertThat(run("worker", "--reader", "consumer", "--kafka-config", none))
                .as("stops at the missing Kafka file")
                .isEqualTo(1);
        assertThat(run("worker", "--reader", "other", "--kafka-config", none)).isEqualTo(2);
        assertThat(err.toString()).contains("--reader", "other");
    }

    @Test
    void weakReplicationIsWarnedOfOrRefused(@TempDir Path folder) {
        String none = folder.resolve("none").toString();
        assertThat(run("worker", "--weak-replication", "refuse", "--kafka-config", none))
                .as("stops at the missing Kafka file")
                .isEqualTo(1);
        assertThat(run("worker", "--weak-replication", "forbid", "--kafka-config", none))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--weak-replication", "forbid");
    }

    @Test
    void aFormatOfTheLogThatDoesNotExistIsRefused() {
        WorkerCommand.requireLogFormat(null);
        WorkerCommand.requireLogFormat("text");
        WorkerCommand.requireLogFormat("json");

        assertThatThrownBy(() -> WorkerCommand.requireLogFormat("xml"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("TIDEMARK_LOG_FORMAT is 'xml'; it must be text (the default) or json");
    }

    @Test
    void outputTopicsAreNames(@TempDir Path folder) {
        String none = folder.resolve("none").toString();
        assertThat(run("worker", "--output-topics", "daily-*,bills", "--kafka-config", none))
                .as("stops at the missing Kafka file")
                .isEqualTo(1);
        assertThat(run("worker", "--output-topics", "[a-z]+", "--kafka-config", none))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--output-topics", "[a-z]+");
    }

    @Test
    void anInvalidKafkaFileIsWrongUsageAndNamesTheLine(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("kafka.config"), "bootstrap.servers\n");

        assertThat(run("worker", "--kafka-config", file.toString())).isEqualTo(2);
        assertThat(err.toString()).startsWith("error: ").contains("kafka.config");
    }

    /** Kafka is asked before Temporal, so no server is needed. */
    @Test
    void settingsThatNoClientTakesEndTheStartWithTheirCause(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(
                folder.resolve("kafka.config"),
                "bootstrap.servers=localhost:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n");

        assertThat(run("worker", "--kafka-config", file.toString())).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("error: " + file + ":3: sasl.mechanism: the Kafka client rejects the settings: ")
                .contains("write sasl.jaas.config");
    }

    @Test
    void aMissingKafkaFileIsNamed(@TempDir Path folder) {
        assertThat(run("worker", "--kafka-config", folder.resolve("none").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("none");
    }

    @Test
    void theWorkerNeedsNeitherTheEmbeddedServersNorTheStarter() throws Exception {
        // Uses the class path of ./tidemark worker.
        List<URL> classPath = new ArrayList<>();
        for (String each : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!each.contains("embedded") && !each.contains("starter")) {
                classPath.add(Path.of(each).toUri().toURL());
            }
        }
        try (URLClassLoader loader =
                new URLClassLoader(classPath.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
            Method commandLine = loader.loadClass(Main.class.getName()).getDeclaredMethod("commandLine");
            commandLine.setAccessible(true);

            Object commands = commandLine.invoke(null);

            assertThat(commands.getClass().getMethod("getSubcommands").invoke(commands))
                    .asInstanceOf(InstanceOfAssertFactories.MAP)
                    .containsKey("worker");
        }
    }

    private int run(String... args) {
        CommandLine commands = Main.commandLine();
        return commands.setErr(new PrintWriter(err))
                .setOut(new PrintWriter(out))
                .execute(args);
    }
}
