package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.embedded.TemporalServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C, typed at a real terminal while {@code run} watches a run; {@code script} of util-linux is the terminal. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CtrlCIT {
    private static final String CTRL_C = "\u0003";
    /** A build that was started in the background ignores Ctrl-C, and so do its children, unless they are told not to. */
    private static final String HEARS_CTRL_C = "env --default-signal=INT ";

    private static final String QUESTION = "What do you want to do?";

    private static TemporalServer temporal;

    @TempDir
    Path folder;

    private final StringBuilder screen = new StringBuilder();
    private int seen;

    @BeforeAll
    static void start() throws Exception {
        if (!hasScript()) {
            System.err.println(
                    "NOT CHECKED: Ctrl-C at a terminal, because there is no script of util-linux, or no env of"
                            + " coreutils 8.31 on the PATH");
            assumeTrue(false, "no script");
        }
        temporal = TemporalServer.forTests();
    }

    @AfterAll
    static void stop() {
        if (temporal != null) {
            temporal.close();
        }
    }

    private static boolean hasScript() throws Exception {
        return System.getProperty("os.name").equals("Linux")
                && new ProcessBuilder("sh", "-c", HEARS_CTRL_C + "script --version")
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start()
                                .waitFor()
                        == 0;
    }

    @Test
    void theSecondCtrlCLeavesTheRunRunning() throws Exception {
        Process terminal = watch("left-1");
        try (OutputStream keys = terminal.getOutputStream();
                Reader out = terminal.inputReader(StandardCharsets.UTF_8)) {
            await(out, "no worker polls");
            type(keys, CTRL_C);
            await(out, QUESTION);
            await(out, "w  keep watching");
            type(keys, CTRL_C);
            await(out, "The run continues as left-1.");

            assertThat(terminal.waitFor()).as(screen.toString()).isEqualTo(ExitCode.INTERRUPTED.code());
        } finally {
            end(terminal);
        }
        assertThat(events("left-1"))
                .contains(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
                .doesNotContain(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED);
    }

    @Test
    void anAnswerIsObeyedAndTheNextCtrlCAsksAgain() throws Exception {
        Process terminal = watch("cancelled-1");
        try (OutputStream keys = terminal.getOutputStream();
                Reader out = terminal.inputReader(StandardCharsets.UTF_8)) {
            await(out, "no worker polls");
            type(keys, CTRL_C);
            await(out, "w  keep watching");
            type(keys, "c\n");
            await(out, "cancelling. What is durable stays");
            // There is no worker that could end the run, so the command still watches.
            assertThat(events("cancelled-1")).contains(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED);
            type(keys, CTRL_C);
            await(out, QUESTION);
            await(out, "w  keep watching");
            type(keys, "l\n");

            assertThat(terminal.waitFor()).as(screen.toString()).isEqualTo(ExitCode.INTERRUPTED.code());
        } finally {
            end(terminal);
        }
    }

    private Process watch(String id) throws IOException {
        return terminal("run", Cli.job(folder, id).toString(), "--id=" + id, "--address=" + temporal.target());
    }

    /** Starts a command whose standard input, output and error are a terminal. */
    private static Process terminal(String... arguments) throws IOException {
        String command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Dtidemark.terminal=true",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName()),
                        Arrays.stream(arguments))
                .map(each -> "'" + each + "'")
                .collect(Collectors.joining(" "));
        ProcessBuilder builder = new ProcessBuilder(
                "script", "--quiet", "--flush", "--return", "--command", "exec " + HEARS_CTRL_C + command, "/dev/null");
        builder.environment().put("SHELL", "/bin/sh");
        return builder.redirectErrorStream(true).start();
    }

    /** Also ends the command, which hears no hang-up of its terminal in a build that ignores it. */
    private static void end(Process terminal) {
        terminal.descendants().forEach(ProcessHandle::destroyForcibly);
        terminal.destroyForcibly();
    }

    private static void type(OutputStream keys, String text) throws IOException {
        keys.write(text.getBytes(StandardCharsets.UTF_8));
        keys.flush();
    }

    /** Waits for a text below what was awaited before. */
    private void await(Reader out, String text) throws IOException {
        int at;
        while ((at = screen.indexOf(text, seen)) < 0) {
            int next = out.read();
            assertThat(next).as("waiting for \"%s\" after: %s", text, screen).isNotNegative();
            screen.append((char) next);
        }
        seen = at + text.length();
    }

    private static List<EventType> events(String id) {
        WorkflowServiceStubs stubs = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(temporal.target())
                .build());
        try {
            return WorkflowClient.newInstance(stubs).fetchHistory(id).getEvents().stream()
                    .map(HistoryEvent::getEventType)
                    .toList();
        } finally {
            stubs.shutdownNow();
        }
    }
}
