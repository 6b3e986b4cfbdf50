package io.tidemark.run;

import java.util.List;

/** A verdict for each partition of a slice. */
public record ProduceResult(List<PartitionVerdict> verdicts) {
    /** Copies the list. */
    public ProduceResult {
        verdicts = List.copyOf(verdicts);
    }
}
