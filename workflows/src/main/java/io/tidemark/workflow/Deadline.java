package io.tidemark.workflow;

import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import io.tidemark.job.JobSpec;
import io.tidemark.job.form.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Watches whether a run ends by the deadline of its job. It tells once if the run does not, and never stops it. */
final class Deadline {
    private final long at;
    private final String text;
    private final Consumer<String> missed;
    private boolean told;
    private @Nullable CancellationScope timer;

    private Deadline(long at, String text, Consumer<String> missed) {
        this.at = at;
        this.text = text;
        this.missed = missed;
    }

    /** Returns the deadline of a run in milliseconds since the epoch, or 0 if its job has none. */
    static long of(JobSpec job, long nominal) {
        Duration most = job.deadline();
        return most == null ? 0 : nominal + most.toMillis();
    }

    /**
     * Starts to watch. Costs two events of the history, or none if the job has no deadline.
     *
     * @param missed is told the warning once: at the deadline, or at once if it has passed
     */
    static Deadline watch(JobSpec job, long nominal, Consumer<String> missed) {
        Duration most = job.deadline();
        long at = of(job, nominal);
        String text = most == null
                ? ""
                : "The run is late: it had not ended by " + Instant.ofEpochMilli(at) + " (deadline is "
                        + Times.text(most) + " after its nominal time " + Instant.ofEpochMilli(nominal) + ")";
        Deadline deadline = new Deadline(at, text, missed);
        deadline.begin();
        return deadline;
    }

    private void begin() {
        if (at == 0 || check()) {
            return;
        }
        Duration left = Duration.ofMillis(at - Workflow.currentTimeMillis());
        CancellationScope scope = Workflow.newCancellationScope(() -> Async.procedure(() -> {
            try {
                Workflow.newTimer(left).get();
            } catch (CanceledFailure e) {
                return;
            }
            check();
        }));
        timer = scope;
        scope.run();
    }

    /** Ends the watch when the run has ended. */
    void end() {
        if (at == 0 || Failures.cancelled()) {
            return;
        }
        check();
        if (timer != null) {
            timer.cancel("the run has ended");
        }
    }

    private boolean check() {
        if (!told && Workflow.currentTimeMillis() >= at) {
            told = true;
            missed.accept(text);
        }
        return told;
    }
}
