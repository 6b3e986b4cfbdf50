package io.tidemark.exporter;

import io.tidemark.exporter.Problems.Source;
import io.tidemark.exporter.RunFacts.Outcome;
import io.tidemark.job.JobNames;
import io.tidemark.workflow.BatchRunWorkflow;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The last runs of all jobs. Each refresh asks Temporal only for runs in progress and for runs that ended since the last
 * one, so its cost does not grow with the number of old runs.
 */
final class RunLog {
    private static final String BODIES = "WorkflowType = '" + BatchRunWorkflow.TYPE + "'";

    /** Runs that the first refresh reads. The last runs of jobs that are not among them are asked for one by one. */
    static final int FIRST_LOOK = 1_000;

    /** Runs that other refreshes read at most: a bound for the memory, far more than end within a minute. */
    private static final int MOST = 10_000;

    /** Temporal's list may show a run some time after its end. */
    static final Duration LATE = Duration.ofMinutes(5);

    /** How long a job without schedule and state topic is shown after its last run. */
    static final Duration FORGET = Duration.ofDays(7);

    /** Of a job without runs. */
    static final Known NOTHING = new Known();

    private final Temporal temporal;
    private final Map<String, Known> jobs = new TreeMap<>();
    private final Set<String> asked = new HashSet<>();
    private @Nullable Instant lastEnd;

    /** What is known of the runs of a job. */
    static final class Known {
        private @Nullable RunFacts running;
        private @Nullable RunFacts last;
        private @Nullable Instant lastSuccess;
        private @Nullable String jobOfRun;
        private @Nullable WatchedJob job;

        @Nullable
        RunFacts running() {
            return running;
        }

        /** Returns the run that ended last. */
        @Nullable
        RunFacts last() {
            return last;
        }

        @Nullable
        Instant lastSuccess() {
            return lastSuccess;
        }

        /** Returns the job that the last run was started with, if it was asked for and can be read. */
        @Nullable
        WatchedJob job() {
            return job;
        }

        private void ended(RunFacts run, Instant end) {
            if (last == null || last.end() == null || end.isAfter(last.end())) {
                last = run;
            }
            if (run.outcome() == Outcome.DONE && (lastSuccess == null || end.isAfter(lastSuccess))) {
                lastSuccess = end;
            }
        }
    }

    RunLog(Temporal temporal) {
        this.temporal = temporal;
    }

    /** Returns what is known, by job. */
    Map<String, Known> jobs() {
        return jobs;
    }

    /**
     * Asks for the runs since the last refresh.
     *
     * @throws RuntimeException if Temporal does not answer; what is known stays
     */
    void refresh() {
        List<RunFacts> running = temporal.runs(BODIES + " AND ExecutionStatus = 'Running'", MOST);
        Instant since = lastEnd;
        List<RunFacts> ended = since == null
                ? temporal.runs(BODIES + " AND ExecutionStatus != 'Running'", FIRST_LOOK)
                // By the server's clock, which may differ from this one.
                : temporal.runs(BODIES + " AND CloseTime > '" + since.minus(LATE) + "'", MOST);
        jobs.values().forEach(each -> each.running = null);
        running.forEach(each -> of(each.job()).running = each);
        Set<RunFacts> newest = new HashSet<>(ended);
        ended.forEach(this::ended);
        for (Known each : jobs.values()) {
            if (each.last != null && newest.contains(each.last)) {
                each.last = explained(each.last);
            }
        }
    }

    private Known of(String job) {
        return jobs.computeIfAbsent(job, name -> new Known());
    }

    private void ended(RunFacts run) {
        Instant end = run.end();
        if (end != null) {
            Known known = of(run.job());
            if (known.last == null || !known.last.runId().equals(run.runId())) {
                known.ended(run, end);
            }
            if (lastEnd == null || end.isAfter(lastEnd)) {
                lastEnd = end;
            }
        }
    }

    /** Only the result of the run says whether some of its partitions succeeded. */
    private RunFacts explained(RunFacts run) {
        if (run.outcome() != Outcome.FAILED) {
            return run;
        }
        return new RunFacts(run.job(), run.runId(), run.taskQueue(), run.start(), run.end(), temporal.failure(run));
    }

    /**
     * Asks for the last runs of jobs that are known from elsewhere and whose runs the first refresh may have missed: once for
     * each job. Stops at the first failure, because further questions would wait as long for an answer.
     */
    void complete(Collection<String> names, Problems problems) {
        for (String name : names) {
            Known known = of(name);
            if ((known.last == null || known.lastSuccess == null) && !asked.contains(name)) {
                String ofJob = BODIES + " AND WorkflowId = '" + JobNames.workflowId(name) + "'";
                boolean answered = problems.ask(Source.RUNS, () -> {
                            temporal.runs(ofJob + " AND ExecutionStatus != 'Running'", 1).stream()
                                    .map(this::explained)
                                    .forEach(this::ended);
                            temporal.runs(ofJob + " AND ExecutionStatus = 'Completed'", 1)
                                    .forEach(this::ended);
                            return asked.add(name);
                        })
                        .isPresent();
                if (!answered) {
                    return;
                }
            }
        }
    }

    /** Asks for the job of the last run of each job except {@code scheduled}, once for each run. Stops at the first failure. */
    void readJobs(Collection<String> scheduled, Problems problems) {
        for (Map.Entry<String, Known> each : jobs.entrySet()) {
            Known known = each.getValue();
            RunFacts run = known.running != null ? known.running : known.last;
            if (run != null
                    && !scheduled.contains(each.getKey())
                    && !run.runId().equals(known.jobOfRun)) {
                Optional<Optional<WatchedJob>> answer = problems.ask(Source.RUNS, () -> temporal.job(run));
                if (answer.isEmpty()) {
                    return;
                }
                known.jobOfRun = run.runId();
                known.job = answer.get().orElse(null);
            }
        }
    }

    /** Forgets jobs whose last run is a week old, except {@code keep}. */
    void forget(Collection<String> keep, Instant now) {
        jobs.entrySet()
                .removeIf(each -> !keep.contains(each.getKey())
                        && each.getValue().running == null
                        && isOld(each.getValue().last, now));
        asked.retainAll(jobs.keySet());
    }

    private static boolean isOld(@Nullable RunFacts last, Instant now) {
        return last == null || last.end() == null || last.end().isBefore(now.minus(FORGET));
    }
}
