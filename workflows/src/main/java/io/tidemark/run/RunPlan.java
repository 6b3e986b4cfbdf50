package io.tidemark.run;

import io.tidemark.state.PlanIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code listPartitions} found.
 *
 * @param identity what the plan was made against
 * @param partitions how many partitions the input has
 * @param ranges what there is to read, by rising partition; partitions with nothing new are not in it
 * @param problems the first of the partitions that cannot be read, by rising partition; at most {@link
 *     RunSummary#MAX_DETAILS}, for the plan is a payload, which Temporal bounds by 2 MiB
 * @param left offsets beyond the plan, because the job bounds what a run takes
 * @param waiting partitions with something new of which the plan takes nothing, because too little is allowed
 * @param leftBy what left them, such as {@code budget.records 1000000}, or null where nothing is left
 * @param warnings what a person should know, such as an output topic that is not compacted
 * @param heldBack offsets that are there and that no reader may see yet, because a transaction is open before them
 * @param unnamed partitions that cannot be read and are not among the problems
 */
public record RunPlan(
        PlanIdentity identity,
        int partitions,
        List<PartitionRange> ranges,
        List<PartitionProblem> problems,
        long left,
        int waiting,
        @Nullable String leftBy,
        List<String> warnings,
        long heldBack,
        int unnamed) {
    /** Copies the lists. */
    public RunPlan {
        ranges = List.copyOf(ranges);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    /** The same plan, made over a log in which so many offsets are held back. */
    public RunPlan withHeldBack(long offsets) {
        return new RunPlan(identity, partitions, ranges, problems, left, waiting, leftBy, warnings, offsets, unnamed);
    }
}
