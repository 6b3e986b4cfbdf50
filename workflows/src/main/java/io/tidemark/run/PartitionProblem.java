package io.tidemark.run;

/** Why a partition is not part of a run, or does not continue in it. */
public record PartitionProblem(int partition, FailureKind kind, String message) {}
