package io.tidemark.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a notification tells about a run. It has numbers, names and the texts of failures and warnings, and never a record.
 *
 * @param type what happened
 * @param job name of the job, or an empty text if the job cannot be read
 * @param namespace Temporal namespace of the run
 * @param workflowId workflow id of the run, as it was started
 * @param runId Temporal's run id of that workflow
 * @param schedule id of the schedule that started the run, or null
 * @param nominal nominal time of the run, in milliseconds since the epoch, or 0 if the run was refused before it had one
 * @param startedAt start of the run, in milliseconds since the epoch
 * @param at when it happened, in milliseconds since the epoch
 * @param deadline when the run should have ended, in milliseconds since the epoch, or 0 if the job has no deadline
 * @param kind name of the kind of failure, or null if the run did not fail
 * @param message why the run failed or that it is late, at most {@link #MAX_TEXT} characters; or null
 * @param warnings warnings of the run, at most {@link #MAX_WARNINGS}
 * @param work what the run has done so far, or null if the job cannot be read
 */
public record Notice(
        Type type,
        String job,
        String namespace,
        String workflowId,
        String runId,
        @Nullable String schedule,
        long nominal,
        long startedAt,
        long at,
        long deadline,
        @Nullable String kind,
        @Nullable String message,
        List<String> warnings,
        @Nullable Work work) {

    /** Most characters of a message or a warning: more than any message of Tidemark has, and far less than a payload. */
    public static final int MAX_TEXT = 2_000;

    /** Most warnings of a notice. */
    public static final int MAX_WARNINGS = 20;

    /** What a notice can tell. */
    public enum Type {
        /** The run failed. A run that somebody cancelled has not failed. */
        FAILED,
        /** The run was not finished at its deadline. */
        LATE,
        /** The run succeeded, and the last run of its schedule before it failed. */
        RECOVERED,
        /** The run succeeded, and has warnings. */
        WARNED
    }

    /** What a run has done; see {@link RunSummary}. */
    public record Work(
            String input,
            String output,
            int partitions,
            int failedPartitions,
            long offsetsPlanned,
            long offsetsDone,
            long left,
            long folded,
            long bad,
            long late,
            long rows) {

        /** Returns what a run with this summary has done. */
        public static Work of(RunSummary run) {
            return new Work(
                    run.input(),
                    run.output(),
                    run.partitions(),
                    run.failed(),
                    run.offsetsPlanned(),
                    run.offsetsDone(),
                    run.left(),
                    run.counts().folded(),
                    run.counts().bad(),
                    run.counts().late(),
                    run.rows());
        }
    }

    /** Copies and bounds the texts. */
    public Notice {
        message = message == null ? null : bounded(message);
        warnings = warnings.stream().limit(MAX_WARNINGS).map(Notice::bounded).toList();
    }

    private static String bounded(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 1) + "…";
    }
}
