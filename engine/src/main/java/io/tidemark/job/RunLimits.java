package io.tidemark.job;

import java.time.Duration;

/**
 * How much one run takes on at once. None of it changes what the rows mean, so all of it may change between runs.
 *
 * @param offsetsPerRun most offsets that a run takes from one partition; the rest waits for the next run
 * @param offsetsPerPiece most offsets of one partition that go into one transaction; a run goes on piece by piece
 * @param offsetsPerSplit most offsets that one consume activity reads; the splits of a piece are read in parallel
 * @param slicesInFlight how many slices are worked on at once, in each group of slices
 * @param cells most cells (window and group) that one partition may hold
 * @param time how long a run may take; what is not done by then is named as failed and left to the next run
 * @param heartbeat how long an activity may be silent before Temporal gives it to another worker
 * @param hostTimeout how long a host may leave its own queue unanswered before its slices start again elsewhere
 */
public record RunLimits(
        long offsetsPerRun,
        long offsetsPerPiece,
        long offsetsPerSplit,
        int slicesInFlight,
        int cells,
        Duration time,
        Duration heartbeat,
        Duration hostTimeout) {

    /** What holds where a job says nothing. */
    public static final RunLimits DEFAULT = new RunLimits(
            // No cut: a run ends at the end that the topic had when it was planned.
            Long.MAX_VALUE,
            // A lost piece costs about a minute or two of reading again.
            50_000_000,
            // One to two seconds of reading for one core; what a dead worker takes with it is read again in that time.
            8_000_000,
            // More would only queue up at the workers, and Temporal wants at most 50 answers at once.
            16,
            // About 100 MB of accumulators in a worker.
            1_000_000,
            // The run timeout of the tutorial's DAG.
            Duration.ofMinutes(60),
            // Twice the longest pause that a busy worker was seen to make, thrice its own heartbeat interval.
            Duration.ofSeconds(15),
            // Longer than a deployment's restart of one worker.
            Duration.ofMinutes(2));

    /** Refuses limits that nothing could keep. */
    public RunLimits {
        positive("offsetsPerRun", offsetsPerRun);
        positive("offsetsPerPiece", offsetsPerPiece);
        positive("offsetsPerSplit", offsetsPerSplit);
        positive("cells", cells);
        positive("time", time.toMillis());
        positive("hostTimeout", hostTimeout.toMillis());
        if (slicesInFlight < 1 || slicesInFlight > 50) {
            throw new InvalidJobException("limits.slicesInFlight", slicesInFlight + " is not between 1 and 50");
        }
        if (heartbeat.toMillis() < 1000) {
            throw new InvalidJobException("limits.heartbeat", heartbeat + " is shorter than one second");
        }
    }

    private static void positive(String name, long value) {
        if (value < 1) {
            throw new InvalidJobException("limits." + name, value + " is not positive");
        }
    }
}
