package io.tidemark.metrics;

import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.RunSummary;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param job the job's name, or {@link #NO_JOB}
 * @param topic the input topic, or an empty text
 * @param kind name of the kind of failure, or null if the run did not fail
 * @param took time from start to end
 * @param partitionFailures by kind, the number of partitions that did not reach their planned end
 * @param elsewhere offsets that another run of the job committed meanwhile
 */
record RunEnd(
        String job,
        String topic,
        Outcome outcome,
        @Nullable String kind,
        Duration took,
        Map<String, Integer> partitionFailures,
        long elsewhere) {
    /** Stands for the name of a job that cannot be read. No job can have this name. */
    static final String NO_JOB = "(invalid)";

    /** Stands for the kind of the failed partitions that a run's summary does not list. */
    static final String UNLISTED = "unlisted";

    /** How a run can end. */
    enum Outcome {
        /** It did what it had planned, or as much of it as its budget allowed. */
        DONE,
        /** Some partitions failed, others reached their planned end. */
        PARTIAL,
        /** It failed. */
        FAILED,
        /** It was cancelled. */
        CANCELLED,
        /** It did not begin: the job is invalid, or another run of it was in progress. */
        REFUSED
    }

    /** Returns the end of a run with this summary; {@code kind} is null if it succeeded. */
    static RunEnd of(RunSummary summary, @Nullable String kind, Duration took) {
        boolean partial = FailureKind.PARTITIONS_FAILED.name().equals(kind) && summary.done() > 0;
        Outcome outcome = kind == null ? Outcome.DONE : partial ? Outcome.PARTIAL : Outcome.FAILED;
        return new RunEnd(
                summary.job(),
                summary.input(),
                outcome,
                kind,
                took,
                failures(summary),
                summary.counts().elsewhere());
    }

    private static Map<String, Integer> failures(RunSummary summary) {
        Map<String, Integer> byKind = new TreeMap<>();
        for (PartitionProblem each : summary.problems()) {
            byKind.merge(each.kind().name(), 1, Integer::sum);
        }
        int unlisted = summary.failed() - summary.problems().size();
        if (unlisted > 0) {
            byKind.put(UNLISTED, unlisted);
        }
        return byKind;
    }
}
