package io.tidemark.job;

import java.time.Duration;

/**
 * How much one run does at once, and how long it waits. Limits do not change what rows mean, so they may change between
 * runs.
 *
 * @param offsetsPerRun most offsets that a run takes from one partition; {@link Long#MAX_VALUE} for no limit
 * @param offsetsPerPiece most offsets of one partition in one transaction
 * @param offsetsPerSplit most offsets that one consume activity reads; the splits of a piece are read in parallel
 * @param slicesInFlight how many slices are processed at once, in each group of slices
 * @param cells most cells (a window and a group) of one partition
 * @param bytes most bytes of the stored totals of one partition
 * @param closeCells about how many cells of one partition one transaction closes; at least one window
 * @param time how long a run may take
 * @param heartbeat how long an activity may send no heartbeat before Temporal retries it
 * @param hostTimeout how long a host may leave its task queue unanswered before its slices are read again by another worker
 */
public record RunLimits(
        long offsetsPerRun,
        long offsetsPerPiece,
        long offsetsPerSplit,
        int slicesInFlight,
        int cells,
        long bytes,
        int closeCells,
        Duration time,
        Duration heartbeat,
        Duration hostTimeout) {}
