package io.tidemark.run;

/**
 * What a batch of a job with {@code close} takes for closed, and what it closes. It is decided once for the whole batch, so
 * that each attempt and each split decides alike which records are late.
 *
 * @param closedBefore records of windows that start before it are late, in milliseconds since the epoch; {@link
 *     io.tidemark.state.Mark#NOTHING_CLOSED} if no window is closed
 * @param target the batch closes windows that start before it; equal to {@code closedBefore} if it closes none. Not used with
 *     {@code by: eventTime}, where it follows from the stored progress and the records of the batch
 */
public record Closing(long closedBefore, long target) {}
