package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.tidemark.embedded.Ports;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code run}, {@code cron} and {@code status} against the in-memory Temporal server. */
@Timeout(60)
class RunCommandTest extends CommandScene {
    @AfterEach
    void forgetTheTerminal() {
        System.clearProperty("tidemark.terminal");
        System.clearProperty("tidemark.columns");
    }

    @Test
    void aRunThatEndsWellShowsItsNumbers() throws IOException {
        try (FakeWorker worker = new FakeWorker(server.target(), new CountDownLatch(0))) {
            Cli cli = run("ends-well", "--id", "my-run");

            assertThat(cli.err()).isEmpty();
            assertThat(cli.out()).startsWith("my-run\n").endsWith("""
                    ends-well: done in 2.5 s: 1,000 records of airflow-input-topic into 7 rows of airflow-output-topic
                      partitions   2: 1 done, 1 with nothing new, 0 failed
                      offsets      1,000 of 1,000

                    partition  from   next  records  bad  rows
                            0     0  1,000    1,000    0     7
                    """);
            assertThat(cli.exitCode()).isZero();
        }
    }

    @Test
    void aTerminalSeesHowFarEachPartitionIs() throws IOException {
        System.setProperty("tidemark.terminal", "true");
        CountDownLatch goOn = new CountDownLatch(1);
        try (FakeWorker worker = new FakeWorker(server.target(), goOn)) {
            Until seen = new Until("reading, 500 offsets left", goOn);

            System.setProperty("tidemark.columns", "200");
            Cli cli = Cli.run(seen, arguments("is-watched"));

            assertThat(cli.out())
                    .contains(
                            "  total  ▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░░░  50 %  0 of 1,000 offsets durable, 1 of 2 partitions done, 77 records/s, ")
                    .contains("\033[2A\033[J");
            assertThat(cli.exitCode()).isZero();
        }
    }

    @Test
    void theNominalTimeIsTheSecondInputAndNotInTheFuture() throws IOException {
        try (FakeWorker worker = new FakeWorker(server.target(), new CountDownLatch(0));
                TemporalConnection connection = TemporalConnection.open(server.target(), null, "")) {
            run("is-late", "--id", "is-late", "--at", "2026-01-05T03:30:00+01:00");

            assertThat(connection
                            .client()
                            .fetchHistory("is-late")
                            .getEvents()
                            .get(0)
                            .getWorkflowExecutionStartedEventAttributes()
                            .getInput()
                            .getPayloads(1)
                            .getData()
                            .toStringUtf8())
                    .isEqualTo("\"2026-01-05T03:30+01:00\"");
        }
        Cli early = run("is-early", "--at", "2999-01-05T03:30:00Z");
        assertThat(early.exitCode()).isEqualTo(2);
        assertThat(early.err()).startsWith("error: --at 2999-01-05T03:30Z is in the future");
    }

    @Test
    void failedPartitionsAreExitCode5WithTheReasonAndNoStackTrace() throws IOException {
        try (FakeWorker worker = new FakeWorker(server.target(), new CountDownLatch(0))) {
            Cli cli = run("fails");

            assertThat(cli.exitCode()).isEqualTo(5);
            assertThat(cli.err()).isEqualTo("error: the run failed: PARTITIONS_FAILED: 1 of 2 partitions failed: 0\n");
            assertThat(cli.out())
                    .contains("fails: failed after 2.5 s")
                    .contains("partition 0: TRUNCATED: ends before 1000");
        }
    }

    @Test
    void jsonIsOneLineWithTheSummaryOrTheError() throws IOException {
        try (FakeWorker worker = new FakeWorker(server.target(), new CountDownLatch(0))) {
            JsonNode good = json(run("good-json", "--json"));
            JsonNode bad = json(run("fails-json", "--json"));

            assertThat(good.path("workflowId").textValue()).matches("good-json-run-\\d{8}-\\d{6}");
            assertThat(good.path("summary").path("state").textValue()).isEqualTo("DONE");
            assertThat(good.has("error")).isFalse();
            assertThat(bad.path("error").path("kind").textValue()).isEqualTo("PARTITIONS_FAILED");
            assertThat(bad.path("error").path("message").textValue()).isEqualTo("1 of 2 partitions failed: 0");
            assertThat(bad.path("summary").path("state").textValue()).isEqualTo("FAILED");
        }
    }

    @Test
    void aRunThatNobodyTakesUpSaysWhatIsMissing() throws IOException {
        Until seen = new Until("no worker has started the run from kafka-batch", new CountDownLatch(1)) {
            private FakeWorker worker;

            @Override
            void seen() {
                worker = new FakeWorker(server.target(), new CountDownLatch(0));
            }

            @Override
            public void close() {
                worker.close();
            }
        };
        try (seen) {
            StringWriter out = new StringWriter();
            int exitCode = Main.run(new PrintWriter(out), new PrintWriter(seen), arguments("has-no-worker"));

            assertThat(seen.toString())
                    .isEqualTo("no worker has started the run from kafka-batch at " + server.target()
                            + "; start one with ./tidemark worker. The run waits.\n");
            assertThat(exitCode).isZero();
        }
    }

    @Test
    void aDetachedRunComesBackAtOnceAndAnIdIsTakenOnce() throws IOException {
        Cli first = run("detached", "--detach", "--id", "detached-run");
        Cli second = run("detached", "--detach", "--id", "detached-run");

        assertThat(first.out()).isEqualTo("started detached-run; see it with ./tidemark status detached\n");
        assertThat(first.exitCode()).isZero();
        assertThat(second.err())
                .startsWith("error: a workflow with the id detached-run is already running at " + server.target());
        assertThat(second.exitCode()).isEqualTo(3);
        end("detached-run");
    }

    @Test
    void startOptionsAreTimeoutQueueAndSummary() throws IOException {
        run("options", "--detach", "--id", "options-run", "--run-timeout", "2h", "--task-queue", "nobody");

        DescribeWorkflowExecutionResponse described = describe("options-run");

        assertThat(described.getExecutionConfig().getWorkflowRunTimeout().getSeconds())
                .isEqualTo(7_200);
        assertThat(described.getWorkflowExecutionInfo().getMemo().getFieldsMap())
                .as("says that the command line has accepted the job")
                .containsKey("tidemark.accepted");
        assertThat(described.getExecutionConfig().getTaskQueue().getName()).isEqualTo("nobody");
        assertThat(described.getWorkflowExecutionInfo().getType().getName()).isEqualTo("KafkaBatch");
        end("options-run");
    }

    @Test
    void aRunTimeoutThatIsTooShortForTheJobIsRefused() throws IOException {
        Cli cli = run("short", "--detach", "--set", "limits.time=4h", "--run-timeout", "4h");

        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.err())
                .startsWith("error: --run-timeout is 4h, but limits.time is 4h, for which a run needs at least 242m."
                        + " Leave --run-timeout out");
    }

    @Test
    void anAddressIsNotAUrl() {
        Cli cli = Cli.run("status", "--address", "http://" + server.target() + "/");

        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.err())
                .isEqualTo("error: the address of the Temporal server must have the form host:port, such as "
                        + server.target() + ", but is http://" + server.target() + "/\n");
    }

    @ParameterizedTest
    @CsvSource({
        "0, true, 1",
        "30, true, 1",
        "100, true, 2",
        "600, true, 12",
        "9000, true, 30",
        "0, false, 1",
        "5, false, 5",
        "300, false, 6"
    })
    void aLongRunIsAskedLessOften(long elapsed, boolean interactive, long pause) {
        assertThat(RunWatch.pause(Duration.ofSeconds(elapsed), interactive)).isEqualTo(Duration.ofSeconds(pause));
    }

    @Test
    void whatTheInMemoryServerCannotDoIsSaidInASentence() throws IOException {
        String job = Cli.job(folder, "voltage-daily").toString();
        for (String[] command : new String[][] {
            {"status"},
            {"schedule", "create", job},
            {"schedule", "list"},
            {"schedule", "describe", job},
            {"schedule", "trigger", job},
            {"schedule", "pause", job},
            {"schedule", "resume", job},
            {"schedule", "delete", job},
        }) {
            String[] arguments = Arrays.copyOf(command, command.length + 2);
            arguments[command.length] = "--address";
            arguments[command.length + 1] = server.target();

            Cli cli = Cli.run(arguments);

            assertThat(cli.err())
                    .as(String.join(" ", command))
                    .isEqualTo("error: the Temporal server at " + server.target()
                            + " does not support this: it is the in-memory server, which has no schedules and no lists; start a"
                            + " real one with temporal server start-dev\n");
            assertThat(cli.exitCode()).isEqualTo(1);
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsNamedWithTheWayOut() throws IOException {
        String nobody = "127.0.0.1:" + Ports.free();

        Cli cli = Cli.run("run", Cli.job(folder, "voltage-daily").toString(), "--address", nobody);

        assertThat(cli.exitCode()).isEqualTo(4);
        assertThat(cli.err())
                .isEqualTo("error: no Temporal server answers at " + nobody
                        + "; start one with ./tidemark demo --keep or temporal server start-dev, or name another with"
                        + " --address\n");
    }
}
