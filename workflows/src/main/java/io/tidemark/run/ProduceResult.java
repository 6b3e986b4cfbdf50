package io.tidemark.run;

import java.util.List;

/** The verdicts on the partitions of a slice. */
public record ProduceResult(List<PartitionVerdict> verdicts) {
    /** Copies the list. */
    public ProduceResult {
        verdicts = List.copyOf(verdicts);
    }
}
