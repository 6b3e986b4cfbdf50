package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.client.WorkflowStub;
import io.tidemark.job.JobSpec;
import io.tidemark.run.ConsumeProgress;
import io.tidemark.run.RunSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Prints the progress of a run and, at its end, its summary. */
final class RunWatch {
    /** Each look is a query, which costs the worker a workflow task. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    /** Minimum time between two progress lines if standard output is not a terminal. */
    private static final Duration LINE_EVERY = Duration.ofSeconds(5);

    /** A worker starts a run at once; this is about the time that a worker itself takes to start. */
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private final TemporalConnection temporal;
    private final WorkflowStub run;
    private final PrintOptions print;
    private final RunProbe probe;
    private final ProgressView view = new ProgressView();
    private final Instant start = Instant.now();

    private int drawn;
    private boolean toldOfNoWorker;
    private @Nullable Instant lastLine;
    private String lastText = "";

    RunWatch(TemporalConnection temporal, WorkflowStub run, JobSpec job, PrintOptions print) {
        this.temporal = temporal;
        this.run = run;
        this.print = print;
        this.probe = new RunProbe(temporal, run, job.name());
    }

    /** Waits for the end of the run and prints its summary. Returns the exit code. */
    int toTheEnd() {
        if (!print.json()) {
            print.printer().line(run.getExecution().getWorkflowId());
        }
        CompletableFuture<RunSummary> result = run.getResultAsync(RunSummary.class);
        while (true) {
            try {
                RunSummary summary = result.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
                erase();
                return ended(summary, null);
            } catch (TimeoutException e) {
                look();
            } catch (ExecutionException e) {
                erase();
                Throwable cause = e.getCause() == null ? e : e.getCause();
                return ended(probe.summary().orElse(null), Failures.ofWorkflow(cause));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw CliException.failed("interrupted; the run continues as "
                        + run.getExecution().getWorkflowId());
            }
        }
    }

    private int ended(@Nullable RunSummary summary, @Nullable String error) {
        boolean failed = error != null || (summary != null && summary.state() == RunSummary.State.FAILED);
        if (print.json()) {
            ObjectNode answer = RunCommand.started(run.getExecution());
            answer.putPOJO("summary", summary);
            if (error != null) {
                answer.put("error", error);
            }
            print.printer().json(answer);
        } else if (summary != null) {
            SummaryView.print(print.printer(), summary, Instant.now());
        }
        if (error != null) {
            print.note("error: the run failed: " + error);
        }
        return failed ? ExitCode.FAILED : ExitCode.DONE;
    }

    private void look() {
        Duration elapsed = Duration.between(start, Instant.now());
        if (!probe.taken() && elapsed.compareTo(PATIENCE) > 0 && !toldOfNoWorker) {
            toldOfNoWorker = true;
            erase();
            print.note("no worker polls " + temporal.taskQueue() + " at " + temporal.address()
                    + "; start one with ./tidemark worker. The run waits.");
        }
        if (print.json()) {
            return;
        }
        RunSummary summary = probe.summary().orElse(null);
        List<ConsumeProgress> reading = probe.reading();
        if (Terminal.isInteractive()) {
            draw(view.frame(summary, reading, elapsed));
            return;
        }
        String text = view.line(summary, reading);
        Instant now = Instant.now();
        if (!text.equals(lastText)
                && (lastLine == null || Duration.between(lastLine, now).compareTo(LINE_EVERY) >= 0)) {
            print.printer().line(text);
            lastText = text;
            lastLine = now;
        }
    }

    private void draw(List<String> lines) {
        erase();
        print.raw(String.join(System.lineSeparator(), lines) + System.lineSeparator());
        drawn = lines.size();
    }

    /** Moves the cursor to the start of the last frame and clears the screen below. */
    private void erase() {
        if (drawn > 0) {
            print.raw("\033[" + drawn + "A\033[J");
            drawn = 0;
        }
    }
}
