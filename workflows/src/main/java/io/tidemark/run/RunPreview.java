package io.tidemark.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run would do if it began now.
 *
 * @param plan the plan of the run, with all problems
 * @param first whether it would be the job's first run
 * @param creates topics that the run would create
 * @param grows topics to which the run would add partitions
 * @param partitions all partitions of the input, by number
 * @param totals in a job with rows over all partitions, what waits in each output partition, by number; empty before its first
 *     run. Null in other jobs
 */
public record RunPreview(
        RunPlan plan,
        boolean first,
        List<String> creates,
        List<String> grows,
        List<PartitionPreview> partitions,
        @Nullable List<TotalsPreview> totals) {
    /** Copies the lists. */
    public RunPreview {
        creates = List.copyOf(creates);
        grows = List.copyOf(grows);
        partitions = List.copyOf(partitions);
        totals = totals == null ? null : List.copyOf(totals);
    }
}
