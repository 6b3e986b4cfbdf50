package io.tidemark.workflow;

import java.util.List;
import java.util.stream.Stream;

/**
 * What people have asked of a run in progress. The input of the signal {@code orders}, which the started workflow sends to
 * the body of the run, and the body to its groups. A signal may repeat what earlier ones said.
 *
 * @param finish whether the run starts nothing more
 * @param skip partitions that the run leaves to the next one
 * @param slices how many slices each group processes at once; 0 if nobody has changed it
 */
public record RunOrders(boolean finish, List<Integer> skip, int slices) {
    /** Nothing was asked. */
    static final RunOrders NONE = new RunOrders(false, List.of(), 0);

    /** Copies the list. */
    public RunOrders {
        skip = List.copyOf(skip);
    }

    /** Returns these requests with later ones: a partition stays skipped, and the last number of slices counts. */
    RunOrders and(RunOrders later) {
        return new RunOrders(
                finish || later.finish,
                Stream.concat(skip.stream(), later.skip.stream())
                        .distinct()
                        .sorted()
                        .toList(),
                later.slices > 0 ? later.slices : slices);
    }

    /** Returns the request to start nothing more. */
    static RunOrders toFinish() {
        return new RunOrders(true, List.of(), 0);
    }

    /** Returns the request to leave a partition to the next run. */
    static RunOrders toSkip(int partition) {
        return new RunOrders(false, List.of(partition), 0);
    }

    /** Returns the request to process another number of slices at once. */
    static RunOrders toTake(int slices) {
        return new RunOrders(false, List.of(), slices);
    }
}
