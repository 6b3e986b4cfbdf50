package io.tidemark.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import io.tidemark.state.RecordCounts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of a run, and while it runs the answer to the query {@code status}.
 *
 * @param job name of the job
 * @param input input topic
 * @param output output topic
 * @param runId Temporal's run id of the body of the run
 * @param state state of the run
 * @param partitions number of partitions of the input
 * @param idle partitions without new records and without windows to close
 * @param done partitions that reached their planned end
 * @param failed partitions that failed
 * @param waiting partitions that the budget kept from their planned end or left out of the plan; the next run continues
 *     with them
 * @param offsetsPlanned offsets to read
 * @param offsetsDone offsets whose rows are durable
 * @param left offsets that existed when the run was planned and that the budget leaves for the next run
 * @param leftBy the limit that left them, such as {@code budget.records 1000000}, or null if none
 * @param heldBack offsets that existed when the run was planned but could not be read, because they were behind an open
 *     transaction
 * @param counts numbers of records by what became of them
 * @param rows rows written
 * @param finalRows rows of closed windows among them
 * @param closedWindows windows closed that had totals, in each partition for itself
 * @param startedAt start of the body, in milliseconds since the epoch
 * @param endedAt end of the run, in milliseconds since the epoch, or 0 while it runs
 * @param details the numbers of single partitions, those with the most records first; at most {@link #MAX_DETAILS}
 * @param problems the failed partitions with their reasons; at most {@link #MAX_DETAILS}
 * @param warnings what an operator should know
 * @param error why the run failed, or null
 * @param totals of a job with rows over all partitions, its second stage: input is the topic of partial totals, and
 *     partitions are those of the output. {@code rows}, {@code finalRows} and {@code closedWindows} of this summary are those
 *     of that stage. Null before it is planned, and in jobs with one stage
 * @param stateSize size of the job's stored totals, of both stages in a job that has two, as the last step of the run has read
 *     it. Null before, in the parts of a run, and if an earlier release ran it
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
        long finalRows,
        long closedWindows,
        long startedAt,
        long endedAt,
        List<PartitionResult> details,
        List<PartitionProblem> problems,
        List<String> warnings,
        @Nullable String error,
        @JsonInclude(Include.NON_NULL) @Nullable RunSummary totals,
        @JsonInclude(Include.NON_NULL) @Nullable StateSize stateSize) {

    /** Partitions in {@code details} and in {@code problems}: about 25 KB of JSON, which the Web UI shows well. */
    public static final int MAX_DETAILS = 200;

    /** The states of a run. */
    public enum State {
        /** Waiting for another run of the job to end, or planning. */
        STARTING,
        /** Reading and writing. */
        RUNNING,
        /** All planned offsets that the budget allowed are durable, and the offsets of the group are published. */
        DONE,
        /** The run failed. What is durable stays; the next run continues from there. */
        FAILED
    }

    /** Copies the lists. */
    public RunSummary {
        details = List.copyOf(details);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    /** Returns the summary with one more warning. */
    public RunSummary withWarning(String warning) {
        List<String> more = new ArrayList<>(warnings);
        more.add(warning);
        return new RunSummary(
                job,
                input,
                output,
                runId,
                state,
                partitions,
                idle,
                done,
                failed,
                waiting,
                offsetsPlanned,
                offsetsDone,
                left,
                leftBy,
                heldBack,
                counts,
                rows,
                finalRows,
                closedWindows,
                startedAt,
                endedAt,
                details,
                problems,
                more,
                error,
                totals,
                stateSize);
    }
}
