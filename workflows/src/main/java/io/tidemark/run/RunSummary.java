package io.tidemark.run;

import io.tidemark.state.RecordCounts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run has done: its result, and at any time before its end the answer to the query {@code status}.
 *
 * @param job name of the job
 * @param input input topic
 * @param output output topic
 * @param runId Temporal's run id of the run's body
 * @param state how far it is
 * @param partitions partitions of the input
 * @param idle those with nothing new
 * @param done those that reached the planned end
 * @param failed those that did not and will not
 * @param waiting those that the budget kept from the planned end, or of which it let nothing be planned; the next run
 *     goes on with them
 * @param offsetsPlanned offsets to read
 * @param offsetsDone offsets whose rows are durable
 * @param left offsets that were there when the run was planned and that it leaves to the next run, because the job
 *     bounds what a run takes
 * @param leftBy what left them, such as {@code budget.records 1000000}, or null where nothing is left
 * @param heldBack offsets that were there when the run was planned and that no reader could see yet, because a
 *     transaction was open before them
 * @param counts what became of the records
 * @param rows rows written
 * @param startedAt when the run's body began, in milliseconds since the epoch
 * @param endedAt when it ended, or 0 while it runs
 * @param details numbers of each partition, those with the most records first; at most {@link #MAX_DETAILS}
 * @param problems the partitions that failed; at most {@link #MAX_DETAILS}
 * @param warnings what a person should know
 * @param error why the run failed, or null
 */
public record RunSummary(
        String job,
        String input,
        String output,
        String runId,
        State state,
        int partitions,
        int idle,
        int done,
        int failed,
        int waiting,
        long offsetsPlanned,
        long offsetsDone,
        long left,
        @Nullable String leftBy,
        long heldBack,
        RecordCounts counts,
        long rows,
        long startedAt,
        long endedAt,
        List<PartitionResult> details,
        List<PartitionProblem> problems,
        List<String> warnings,
        @Nullable String error) {

    /** A summary of 10,000 partitions would not be one: about 25 KB of JSON is what the Web UI shows well. */
    public static final int MAX_DETAILS = 200;

    /** How far a run is. */
    public enum State {
        /** Waiting for another run of the job to end, or planning. */
        STARTING,
        /** Reading and writing. */
        RUNNING,
        /** Everything that was planned, as far as the budget went, is durable and the offsets are published. */
        DONE,
        /** Ended otherwise; what is durable stays, the next run takes up the rest. */
        FAILED
    }

    /** Copies the lists. */
    public RunSummary {
        details = List.copyOf(details);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }
}
