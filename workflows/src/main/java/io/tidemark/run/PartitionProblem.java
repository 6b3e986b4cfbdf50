package io.tidemark.run;

/** Why one partition takes no part, or no further part, in a run. */
public record PartitionProblem(int partition, FailureKind kind, String message) {}
