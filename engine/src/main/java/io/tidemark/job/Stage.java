package io.tidemark.job;

/**
 * The stage of a run that a job describes. A run of a job with {@link Scope#TOPIC} has two, which use the same activities: the
 * first writes partial totals of what is new in each input partition to a topic, and the second has this topic as its input.
 * The second stage is a job of its own, {@link JobSpec#totals}.
 */
public enum Stage {
    /** The only stage of a job with {@link Scope#PARTITION}: records become rows. */
    ONLY,
    /** The first of two: records become partial totals. */
    RECORDS,
    /** The second of two: partial totals become rows. */
    TOTALS
}
