package io.tidemark.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import io.tidemark.state.PlanIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of {@code listPartitions}.
 *
 * @param identity fingerprint of the job and ids of the topics
 * @param partitions number of partitions of the input
 * @param ranges ranges to read, by ascending partition; a partition without new records has none, or in a job with {@code
 *     close} perhaps one without offsets, which closes windows
 * @param problems the first partitions that cannot be read, by ascending partition; at most {@link
 *     RunSummary#MAX_DETAILS}, because the plan must fit into a Temporal payload (2 MiB)
 * @param left offsets that the budget leaves for the next run
 * @param waiting partitions with new records that the budget leaves out of the plan completely
 * @param leftBy the limit that left them, such as {@code budget.records 1000000}, or null if none
 * @param warnings what an operator should know, such as an output topic that is not compacted
 * @param heldBack offsets that cannot be read yet, because they are behind an open transaction
 * @param unnamed number of partitions that cannot be read beyond those in {@code problems}
 * @param published the size of the stored totals, if the job's group has the offsets of all partitions already, so that a run
 *     with nothing to do needs no {@code commitOffsets}; else null, also from a worker of an earlier release
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
        int unnamed,
        @JsonInclude(Include.NON_NULL) @Nullable StateSize published) {
    /** Copies the lists. */
    public RunPlan {
        ranges = List.copyOf(ranges);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    /** Returns this plan with another number of held-back offsets. */
    public RunPlan withHeldBack(long offsets) {
        return new RunPlan(
                identity, partitions, ranges, problems, left, waiting, leftBy, warnings, offsets, unnamed, published);
    }

    /** Returns this plan with the size of the stored totals, whose offsets are published. */
    public RunPlan withPublished(@Nullable StateSize size) {
        return new RunPlan(
                identity, partitions, ranges, problems, left, waiting, leftBy, warnings, heldBack, unnamed, size);
    }
}
