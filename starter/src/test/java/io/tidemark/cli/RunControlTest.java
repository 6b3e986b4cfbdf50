package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.temporal.client.WorkflowStub;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code status}, {@code cancel}, {@code cron} and Ctrl-C against the in-memory Temporal server. */
@Timeout(60)
class RunControlTest extends CommandScene {
    @Test
    void statusTellsOfARunThatEnded() throws IOException {
        try (FakeWorker worker = new FakeWorker(server.target(), new CountDownLatch(0))) {
            run("good-status", "--id", "parent");
            run("fails-status", "--id", "parent-of-failure");

            Cli byName = Cli.run("status", "good-status", "--address", server.target());
            Cli byFile = Cli.run("status", Cli.job(folder, "fails-status").toString(), "--address", server.target());
            Cli json = Cli.run("status", "good-status", "--json", "--address", server.target());

            assertThat(byName.out())
                    .startsWith("tidemark-good-status is completed, started ")
                    .contains(" by parent\n")
                    .contains("good-status: done in 2.5 s: 1,000 records");
            assertThat(byFile.out())
                    .startsWith("tidemark-fails-status is failed, started ")
                    .contains("partition 0: TRUNCATED: ends before 1000")
                    .endsWith("failed: PARTITIONS_FAILED: 1 of 2 partitions failed: 0\n");
            assertThat(byName.exitCode()).isZero();
            assertThat(byFile.exitCode()).isEqualTo(5);
            assertThat(json(json).path("summary").path("rows").intValue()).isEqualTo(7);
        }
    }

    @Test
    void theDocumentOfARunIsAsItsSchemaSays() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        try (FakeWorker worker = new FakeWorker(server.target(), goOn)) {
            List<Cli> answers = new ArrayList<>();
            Until reading = new Until("50 % read", new CountDownLatch(1)) {
                @Override
                void seen() {
                    answers.add(status("fits", "--json"));
                    goOn.countDown();
                }
            };
            Cli.run(reading, arguments("fits", "--id", "fits-run"));
            answers.add(status("fits", "--json"));
            run("fails-fits");
            answers.add(status("fails-fits", "--json"));
            List<JsonNode> documents = new ArrayList<>();
            for (Cli each : answers) {
                documents.add(json(each));
            }

            Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                    .getSchema(RunDocument.schema(), InputFormat.JSON);
            assertThat(documents)
                    .allSatisfy(each -> assertThat(schema.validate(each)).isEmpty());
            assertThat(documents)
                    .extracting(each -> each.path("outcome").asText())
                    .containsExactly("running", "done", "partitionsFailed");
            JsonNode good = documents.get(1);
            assertThat(good.path("startedBy").textValue()).isEqualTo("fits-run");
            assertThat(good.path("summary").path("stateSize").path("bytes").asLong())
                    .isEqualTo(90);
            assertThat(good.path("steps").findValuesAsText("step")).containsExactly("consume");
            assertThat(schema.validate(((ObjectNode) good).put("outcome", "good")))
                    .isNotEmpty();
            ((ObjectNode) documents.get(2).path("summary")).putObject("stateSize");
            assertThat(schema.validate(documents.get(2))).isNotEmpty();
        }
    }

    @Test
    void aWatchPrintsADocumentWheneverItChanges() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        try (FakeWorker worker = new FakeWorker(server.target(), goOn)) {
            Until done = new Until("\"outcome\":\"done\"", new CountDownLatch(1)) {
                @Override
                public void flush() {
                    if (toString().contains("\"outcome\":\"running\"")) {
                        goOn.countDown();
                    }
                    super.flush();
                }

                @Override
                void seen() {
                    Thread.currentThread().interrupt();
                }
            };
            CompletableFuture<Cli> watch = new CompletableFuture<>();
            Until reading = new Until("50 % read", new CountDownLatch(1)) {
                @Override
                void seen() {
                    String[] status = {"status", "watched", "--watch", "--json", "--address", server.target()};
                    new Thread(() -> watch.complete(Cli.run(done, status))).start();
                }
            };

            Cli.run(reading, arguments("watched"));
            Cli cli = watch.join();

            List<String> documents = cli.out()
                    .lines()
                    .filter(each -> each.startsWith("{\"version\":1"))
                    .toList();
            assertThat(documents).hasSizeGreaterThan(1).doesNotHaveDuplicates();
            assertThat(documents.get(0)).contains("\"outcome\":\"running\"");
            assertThat(documents).last().asString().contains("\"outcome\":\"done\"");
            assertThat(cli.exitCode()).isEqualTo(130);
        }
    }

    @Test
    void aReportOfAServerWithoutListsHasTheLastRun() throws Exception {
        try (FakeWorker worker = new FakeWorker(server.target(), new CountDownLatch(0))) {
            run("is-reported");
            Path page = folder.resolve("page.html");
            Path kept = folder.resolve("runs.jsonl");
            String[] report = {
                "report",
                "is-reported",
                "-o",
                page.toString(),
                "--history",
                kept.toString(),
                "--address",
                server.target()
            };

            Cli first = Cli.run(report);
            run("is-reported");
            Cli second = Cli.run(report);

            assertThat(first.err()).isEmpty();
            assertThat(first.out()).isEqualTo("wrote " + page + ": 1 run of 1 job\n");
            assertThat(second.out()).isEqualTo("wrote " + page + ": 2 runs of 1 job\n");
            assertThat(page).content().contains("airflow-input-topic to airflow-output-topic", "good");
            assertThat(kept).content().hasLineCount(2);
        }
    }

    @Test
    void statusTakesEveryIdOfARun() throws Exception {
        try (FakeWorker worker = new FakeWorker(server.target(), new CountDownLatch(0))) {
            JsonNode first = json(run("has-ids", "--id", "first-of-ids", "--json"));
            JsonNode second = json(run("has-ids", "--id", "second-of-ids", "--json"));
            JsonNode other = json(run("other-ids", "--id", "other-of-ids", "--json"));
            JsonNode last = json(status("has-ids", "--json"));

            String body = last.path("runId").textValue();
            assertThat(body).isNotEqualTo(second.path("runId").textValue());
            for (String id : new String[] {"second-of-ids", second.path("runId").textValue(), body}) {
                JsonNode found = json(status("has-ids", "--run", id, "--json"));
                assertThat(found.path("runId").textValue()).as(id).isEqualTo(body);
                assertThat(found.path("workflowId").textValue()).as(id).isEqualTo("tidemark-has-ids");
            }
            JsonNode earlier = json(status("--run", "first-of-ids", "--json"));
            assertThat(earlier.path("job").textValue()).isEqualTo("has-ids");
            assertThat(earlier.path("startedBy").textValue()).isEqualTo("first-of-ids");
            assertThat(earlier.path("runId").textValue()).isNotEqualTo(body);
            assertThat(first.path("job").textValue()).isEqualTo("has-ids");
            assertThat(status("has-ids", "--run", "other-of-ids").err())
                    .isEqualTo("error: other-of-ids is a run of the job other-ids, not of has-ids\n");
            assertThat(status("has-ids", "--run", "nobodys").err())
                    .isEqualTo("error: no run nobodys of has-ids is known at " + server.target()
                            + "; start one with ./tidemark run\n");
            assertThat(other.has("error")).isFalse();
        }
    }

    @Test
    void statusOfAJobThatNeverRanSaysSo() {
        Cli cli = Cli.run("status", "never-ran", "--address", server.target());

        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(cli.err())
                .isEqualTo("error: no run of never-ran is known at " + server.target()
                        + "; start one with ./tidemark run\n");
    }

    @Test
    void aRunIsCancelledByTheNameOfItsJob() throws Exception {
        try (FakeWorker worker = new FakeWorker(server.target(), new CountDownLatch(1))) {
            Until reading = new Until("50 % read", new CountDownLatch(1)) {
                @Override
                void seen() {
                    assertThat(Cli.run("cancel", "is-cancelled", "--address", server.target())
                                    .out())
                            .startsWith("cancelling cancelled-run; see its end with ./tidemark status is-cancelled");
                }
            };

            Cli cli = Cli.run(reading, arguments("is-cancelled", "--id", "cancelled-run"));

            assertThat(cli.out()).contains("is-cancelled: cancelled after ").doesNotContain("failed after");
            assertThat(cli.err())
                    .isEqualTo("error: the run was cancelled. What is durable stays; the next run continues from"
                            + " there\n");
            assertThat(cli.exitCode()).isEqualTo(1);
            Cli status = status("is-cancelled");
            assertThat(status.out())
                    .startsWith("tidemark-is-cancelled is cancelled, started ")
                    .contains("is-cancelled: cancelled after ")
                    .doesNotContain("canceled", "failed:");
            assertThat(Cli.run("cancel", "is-cancelled", "--address", server.target())
                            .err())
                    .isEqualTo("error: no run of is-cancelled is in progress at " + server.target()
                            + "; see all runs with ./tidemark status\n");
        }
    }

    @Test
    void aRunTakesRequestsByTheNameOfItsJobAndByTheIdOfItsWorkflow() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        List<Cli> asked = new ArrayList<>();
        try (FakeWorker worker = new FakeWorker(server.target(), goOn)) {
            Until reading = new Until("50 % read", new CountDownLatch(1)) {
                @Override
                void seen() {
                    asked.add(Cli.run("finish", "is-asked", "--address", server.target()));
                    asked.add(Cli.run("finish", "asked-run", "--json", "--address", server.target()));
                    asked.add(Cli.run("skip", "is-asked", "3", "--address", server.target()));
                    asked.add(Cli.run("skip", "is-asked", "9", "--address", server.target()));
                    asked.add(Cli.run("parallel", "is-asked", "4", "--address", server.target()));
                    goOn.countDown();
                }
            };

            assertThat(Cli.run(reading, arguments("is-asked", "--id", "asked-run"))
                            .exitCode())
                    .isZero();
        }

        assertThat(asked).extracting(Cli::exitCode).containsExactly(0, 0, 0, 1, 0);
        assertThat(asked.get(0).out()).isEqualTo("finishes\n");
        assertThat(json(asked.get(1)).path("workflowId").textValue()).isEqualTo("tidemark-is-asked");
        assertThat(json(asked.get(1)).path("done").textValue()).isEqualTo("finishes");
        assertThat(asked.get(2).out()).isEqualTo("skips 3\n");
        assertThat(asked.get(3).err()).isEqualTo("error: there is no partition 9\n");
        assertThat(asked.get(4).out()).isEqualTo("takes 4\n");
        assertThat(Cli.run("finish", "is-asked", "--address", server.target()).err())
                .isEqualTo("error: no run of is-asked is in progress at " + server.target()
                        + "; see all runs with ./tidemark status\n");
    }

    @ParameterizedTest
    @CsvSource({
        "f, the run of job starts nothing more, false",
        "C, cancelling, false",
        "watch, w  keep watching, false",
        "l, leave it running, true",
        "'', leave it running, true"
    })
    void ctrlCOnATerminalAsksWhatBecomesOfTheRun(String typed, String said, boolean leaves) {
        List<String> events = new ArrayList<>();
        WorkflowStub run = (WorkflowStub) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {WorkflowStub.class}, (proxy, method, arguments) -> {
                    events.add(method.getName());
                    return switch (method.getName()) {
                        case "update" -> "the run of job starts nothing more";
                        case "getExecution" -> WorkflowExecution.getDefaultInstance();
                        default -> null;
                    };
                });
        InterruptQuestion.Watcher watcher = new InterruptQuestion.Watcher() {
            @Override
            public void hold() {
                events.add("hold");
                Interruption.interrupted(() -> events.add("the second Ctrl-C ends the process"));
            }

            @Override
            public void resume() {
                events.add("resumes");
            }

            @Override
            public void leave() {
                events.add("leaves");
            }

            @Override
            public void note(String text) {
                events.add(text);
            }
        };
        Interruption.asks(new InterruptQuestion(
                run, Optional::empty, new BufferedReader(new StringReader(typed + "\n")), watcher));

        Interruption.interrupted(() -> events.add("ends"));
        Interruption.asks(null);

        assertThat(events)
                .startsWith("hold", "the second Ctrl-C ends the process")
                .doesNotContain("ends");
        assertThat(String.join("\n", events)).contains(said);
        assertThat(events.contains("leaves")).isEqualTo(leaves);
        assertThat(events.contains("resumes")).isEqualTo(!leaves);
        assertThat(events.contains("update")).isEqualTo(typed.equals("f"));
        assertThat(events.contains("cancel")).isEqualTo(typed.equals("C"));
    }

    @Test
    void aCronWorkflowThatWaitsIsEndedByItsId() throws IOException {
        Cli.run("cron", Cli.job(folder, "ended").toString(), "@daily", "--address", server.target());

        Cli cancelled = Cli.run("cancel", "ended-cron", "--address", server.target());

        assertThat(cancelled.out()).isEqualTo("ended ended-cron, which was waiting for its next time\n");
        assertThat(describe("ended-cron").getWorkflowExecutionInfo().getStatus())
                .isEqualTo(WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED);
    }

    @Test
    void aCronWorkflowOfVersion01IsNotDoubled() throws IOException {
        String job = Cli.job(folder, "cron-of-old").toString();
        String old = "airflow-input-topic_batch_processor-cron";
        Cli.run("cron", job, "@daily", "--id", old, "--address", server.target());

        Cli again = Cli.run("cron", job, "@daily", "--address", server.target());
        Cli other =
                Cli.run("cron", Cli.job(folder, "cron-of-another").toString(), "@daily", "--address", server.target());

        assertThat(again.err()).startsWith("error: the job cron-of-old already has the cron workflow " + old);
        assertThat(again.exitCode()).isEqualTo(3);
        assertThat(other.exitCode()).isZero();
        end(old);
        end("cron-of-another-cron");
    }

    @Test
    void cronSaysWhichDaysItMeans() throws IOException {
        Cli cli = Cli.run("cron", Cli.job(folder, "fridays").toString(), "0 0 13 * 5", "--address", server.target());

        assertThat(cli.err()).contains("runs on days that match either");
        end("fridays-cron");
    }

    @Test
    void aCronWorkflowHasARunTimeoutAndNoExecutionTimeout() throws IOException {
        Path job = Cli.job(folder, "by-cron");
        Cli cli = Cli.run("cron", job.toString(), "@daily", "--address", server.target());

        DescribeWorkflowExecutionResponse described = describe("by-cron-cron");

        assertThat(cli.out())
                .startsWith("started by-cron-cron; it runs next at ")
                .contains(" 00:00:00 UTC");
        assertThat(described.getExecutionConfig().getWorkflowRunTimeout().getSeconds())
                .isEqualTo(3_720);
        assertThat(Duration.ofSeconds(described
                        .getExecutionConfig()
                        .getWorkflowExecutionTimeout()
                        .getSeconds()))
                .matches(each -> each.isZero() || each.toDays() > 300);
        end("by-cron-cron");
    }

    @Test
    void aWrongCronTextIsExitCode2() throws IOException {
        Cli cli = Cli.run("cron", Cli.job(folder, "by-cron").toString(), "daily", "--address", server.target());

        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.err())
                .startsWith("error: 'daily' is not a cron expression such as '0 3 * * *', @daily or @every 90m");
    }

    @Test
    void ctrlCSaysWhatContinues() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.tidemark.cli.Main"));
        command.addAll(List.of(arguments("interrupted", "--id", "interrupted-run")));
        // A file, because Java may close the pipe of a process that has ended before it is read.
        Path errors = folder.resolve("errors");
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            String line = out.readLine();
            while (line != null && !line.equals("interrupted-run")) {
                line = out.readLine();
            }
            assertThat(line).isEqualTo("interrupted-run");
            // SIGTERM runs the same hook; a build that runs in the background may ignore SIGINT.
            process.destroy();

            assertThat(process.waitFor()).isEqualTo(143);
            assertThat(Files.readString(errors))
                    .contains("The run continues as interrupted-run. See it with ./tidemark status interrupted,"
                            + " end it early with ./tidemark finish interrupted,"
                            + " cancel it with ./tidemark cancel interrupted\n");
        } finally {
            process.destroyForcibly();
        }
        end("interrupted-run");
    }

    @Test
    void programsGetErrorsAsJsonToo() throws IOException {
        Cli unknown = status("never-ran", "--json");
        Cli usage = status("never-ran", "--json", "--limit", "-1");

        assertThat(json(unknown).path("error").path("kind").textValue()).isEqualTo("FAILED");
        assertThat(json(unknown).path("error").path("message").textValue()).startsWith("no run of never-ran");
        assertThat(unknown.err()).startsWith("error: no run of never-ran");
        assertThat(json(usage).path("error").path("exitCode").intValue()).isEqualTo(2);
        assertThat(usage.exitCode()).isEqualTo(2);
    }

    @Test
    void anInterruptedWaitIsExitCode130() throws IOException {
        Until started = new Until("wait-ends-run", new CountDownLatch(1)) {
            @Override
            void seen() {
                Thread.currentThread().interrupt();
            }
        };

        Cli cli = Cli.run(started, arguments("wait-ends", "--id", "wait-ends-run"));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(cli.exitCode()).isEqualTo(130);
        assertThat(cli.err()).startsWith("error: interrupted. The run continues as wait-ends-run.");
        end("wait-ends-run");
    }

    private static Cli status(String... more) {
        String[] arguments = new String[3 + more.length];
        arguments[0] = "status";
        arguments[1] = "--address";
        arguments[2] = server.target();
        System.arraycopy(more, 0, arguments, 3, more.length);
        return Cli.run(arguments);
    }
}
