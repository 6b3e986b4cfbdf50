package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.client.WorkflowStub;
import io.tidemark.job.JobSpec;
import io.tidemark.run.ConsumeProgress;
import io.tidemark.run.RunSummary;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Prints the progress of a run and, at its end, its summary. */
final class RunWatch implements InterruptQuestion.Watcher {
    /** A person watches. Each look is a query, which costs the worker a workflow task, and up to ten other requests. */
    private static final Duration INTERACTIVE = Duration.ofSeconds(1);

    /** Nobody watches; the end of the run is reported at once in any case. */
    private static final Duration UNATTENDED = Duration.ofSeconds(5);

    /** A run that has taken this long is looked at less often. */
    private static final Duration LONG_RUN = Duration.ofMinutes(1);

    private static final Duration MOST = Duration.ofSeconds(30);

    /** Minimum time between two progress lines if standard output is not a terminal. */
    private static final Duration LINE_EVERY = Duration.ofSeconds(5);

    /** A worker starts a run at once; this is about the time that a worker itself takes to start. */
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private final TemporalConnection temporal;
    private final WorkflowStub run;
    private final PrintOptions print;
    private final RunProbe probe;
    private final ProgressView view = new ProgressView();
    private final String job;
    private final Instant start = Instant.now();

    private int drawn;
    private boolean held;
    private boolean toldOfNoWorker;
    private @Nullable Instant lastLine;
    private String lastText = "";

    RunWatch(TemporalConnection temporal, WorkflowStub run, JobSpec job, PrintOptions print) {
        this.temporal = temporal;
        this.run = run;
        this.print = print;
        this.job = job.name();
        this.probe = new RunProbe(temporal, run);
    }

    /** Waits for the end of the run and prints its summary. Returns the exit code. */
    int toTheEnd() {
        String continues = "The run continues as " + run.getExecution().getWorkflowId()
                + ". See it with ./tidemark status " + job + ", end it early with ./tidemark finish " + job
                + ", cancel it with ./tidemark cancel " + job;
        // Before the id is printed: whoever has read it can end this process.
        Interruption.says(continues);
        if (!print.json()) {
            print.printer().line(run.getExecution().getWorkflowId());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            Interruption.asks(new InterruptQuestion(run, probe::bodyStub, in, this));
        }
        try {
            return toTheEnd(run.getResultAsync(RunSummary.class)).code();
        } catch (InterruptedException e) {
            throw CliException.interrupted("interrupted. " + continues);
        } finally {
            Interruption.says("");
            Interruption.asks(null);
        }
    }

    private ExitCode toTheEnd(CompletableFuture<RunSummary> result) throws InterruptedException {
        while (true) {
            try {
                Duration pause = pause(Duration.between(start, Instant.now()), Terminal.isInteractive());
                RunSummary summary = result.get(pause.toMillis(), TimeUnit.MILLISECONDS);
                erase();
                return ended(summary, null);
            } catch (TimeoutException e) {
                look();
            } catch (ExecutionException e) {
                erase();
                Throwable cause = e.getCause() == null ? e : e.getCause();
                return ended(probe.summary().orElse(null), RunFailure.of(cause));
            }
        }
    }

    /** Returns the time until the next look: one second, or five if nobody watches; a fiftieth of a long run, at most 30 s. */
    static Duration pause(Duration elapsed, boolean interactive) {
        boolean first = elapsed.compareTo(UNATTENDED) < 0;
        Duration shortest = interactive || first ? INTERACTIVE : UNATTENDED;
        Duration share = elapsed.compareTo(LONG_RUN) < 0 ? Duration.ZERO : elapsed.dividedBy(50);
        Duration longer = share.compareTo(shortest) > 0 ? share : shortest;
        return longer.compareTo(MOST) > 0 ? MOST : longer;
    }

    private ExitCode ended(@Nullable RunSummary summary, @Nullable RunFailure failure) {
        if (print.json()) {
            ObjectNode answer = RunCommand.started(run.getExecution()).put("job", job);
            answer.set("summary", summary == null ? NullNode.getInstance() : SummaryView.json(summary));
            if (failure != null) {
                answer.set("error", failure.json());
            }
            print.printer().json(answer);
        } else if (summary != null) {
            SummaryView.print(print.printer(), summary, Instant.now(), failure != null && failure.cancelled());
        }
        if (failure == null) {
            return summary != null && summary.state() == RunSummary.State.FAILED ? ExitCode.FAILED : ExitCode.DONE;
        }
        print.note(
                failure.cancelled()
                        ? "error: " + failure.text() + ". What is durable stays; the next run continues from there"
                        : "error: the run failed: " + failure.text(print.json() ? null : summary));
        return failure.exitCode();
    }

    private void look() {
        Duration elapsed = Duration.between(start, Instant.now());
        if (!toldOfNoWorker && !probe.taken()) {
            boolean none = !temporal.mayHaveWorker(temporal.taskQueue());
            if (none || elapsed.compareTo(PATIENCE) > 0) {
                toldOfNoWorker = true;
                erase();
                print.note((none ? "no worker polls " : "no worker has started the run from ") + temporal.taskQueue()
                        + " at " + temporal.address() + "; start one with ./tidemark worker. The run waits.");
            }
        }
        if (print.json()) {
            return;
        }
        RunSummary summary = probe.summary().orElse(null);
        List<ConsumeProgress> reading = probe.reading();
        if (Terminal.isInteractive()) {
            draw(view.frame(summary, reading, elapsed, Terminal.columns()));
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

    @Override
    public synchronized void hold() {
        held = true;
        // The question is below the last frame, which stays.
        drawn = 0;
    }

    @Override
    public synchronized void resume() {
        held = false;
    }

    @Override
    public void leave() {
        System.exit(ExitCode.INTERRUPTED.code());
    }

    @Override
    public void note(String text) {
        print.note(text);
    }

    private synchronized void draw(List<String> lines) {
        if (held) {
            return;
        }
        erase();
        print.raw(String.join(System.lineSeparator(), lines) + System.lineSeparator());
        drawn = lines.size();
    }

    /** Moves the cursor to the start of the last frame and clears the screen below. */
    private synchronized void erase() {
        if (drawn > 0) {
            print.raw("\033[" + drawn + "A\033[J");
            drawn = 0;
        }
    }
}
