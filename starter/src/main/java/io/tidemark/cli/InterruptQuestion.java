package io.tidemark.cli;

import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowStub;
import io.tidemark.workflow.ControlledRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks a person who pressed Ctrl-C what becomes of the run. */
final class InterruptQuestion implements Runnable {
    /** What the person watches, and the process that watches. */
    interface Watcher {
        /** Draws nothing until {@link #resume}. */
        void hold();

        void resume();

        /** Ends the process; the run continues. */
        void leave();

        void note(String text);
    }

    private final WorkflowStub started;
    private final Supplier<Optional<WorkflowStub>> body;
    private final BufferedReader in;
    private final Watcher watcher;

    /**
     * Prepares the question.
     *
     * @param started the workflow that was started
     * @param body returns the body of the run, if it has begun
     * @param in what the person types
     */
    InterruptQuestion(WorkflowStub started, Supplier<Optional<WorkflowStub>> body, BufferedReader in, Watcher watcher) {
        this.started = started;
        this.body = body;
        this.in = in;
        this.watcher = watcher;
    }

    @Override
    public void run() {
        watcher.hold();
        watcher.note("");
        watcher.note("The workers continue the run without this command. What do you want to do?");
        watcher.note("  l  leave it running (also: Ctrl-C again, or Enter)");
        watcher.note(
                "  f  finish: start nothing more, write and publish what was read, leave the rest to the next run");
        watcher.note("  c  cancel: stop at once");
        watcher.note("  w  keep watching");
        String answer = answer();
        try {
            switch (answer) {
                case "f" -> watcher.note(RunRequests.send(body.get().orElse(started), ControlledRun.FINISH));
                case "c" -> {
                    started.cancel();
                    watcher.note("cancelling. What is durable stays; the next run continues from there");
                }
                case "w" -> {}
                default -> {
                    watcher.leave();
                    return;
                }
            }
        } catch (CliException | WorkflowException e) {
            watcher.note("error: " + e.getMessage());
        }
        Interruption.asks(this);
        watcher.resume();
    }

    /** Returns the first letter of the answer; empty also at the end of the input. */
    private String answer() {
        try {
            @Nullable String line = in.readLine();
            String text = line == null ? "" : line.strip().toLowerCase(Locale.ROOT);
            return text.isEmpty() ? "" : text.substring(0, 1);
        } catch (IOException e) {
            return "";
        }
    }
}
