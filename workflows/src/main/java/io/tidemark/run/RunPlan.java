package io.tidemark.run;

import java.util.List;

/**
 * What {@code listPartitions} found.
 *
 * @param identity what the plan was made against
 * @param partitions how many partitions the input has
 * @param ranges what there is to read, by rising partition; partitions with nothing new are not in it
 * @param problems partitions that cannot be read, by rising partition
 * @param left offsets beyond the plan, because the job limits what a run takes
 * @param warnings what a person should know, such as an output topic that is not compacted
 */
public record RunPlan(
        PlanIdentity identity,
        int partitions,
        List<PartitionRange> ranges,
        List<PartitionProblem> problems,
        long left,
        List<String> warnings) {
    /** Copies the lists. */
    public RunPlan {
        ranges = List.copyOf(ranges);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }
}
