package io.tidemark.exporter;

import java.util.List;
import java.util.Optional;

/** The questions to the Temporal server. Each throws a RuntimeException if the server does not answer. */
interface Temporal {
    /** Returns the schedules that start runs of jobs, and counts those that cannot be read. */
    List<ScheduleFacts> schedules(Problems problems);

    /**
     * Returns bodies of runs, those in progress first, then the last that ended first.
     *
     * @param condition a condition on workflows in Temporal's query language
     */
    List<RunFacts> runs(String condition, int most);

    /** Returns how a run ended that Temporal calls failed. */
    RunFacts.Outcome failure(RunFacts run);

    /** Returns the job of a run; empty if it cannot be read by this release. */
    Optional<WatchedJob> job(RunFacts run);

    /** Returns what is known of a task queue, for workflows and for activities. */
    List<QueueFacts> queue(String name);
}
