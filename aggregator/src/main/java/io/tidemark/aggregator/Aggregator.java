package io.tidemark.aggregator;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Computes one value of a row from the records of a window and group. The shape is that of {@code CombineFn} in Apache Beam.
 *
 * <p>Records are added to many accumulators, which are stored, read again and merged. How they are divided depends on the
 * batches and partitions of a run, and must not show in the result. So these laws hold, and {@link AggregatorLaws} tests them:
 *
 * <ul>
 *   <li>However the records are divided, and in whichever order their accumulators are merged, the value is the same.
 *   <li>An accumulator that was encoded and decoded is like the one that was encoded.
 *   <li>No result depends on anything but the records: no clock, no random numbers, no default locale or zone.
 * </ul>
 *
 * <p>The aggregator itself must not change after it was made. An accumulator is only used by one thread at a time.
 *
 * <p>An exception of any method fails the partition with {@code AGGREGATOR_FAILED}; the report has its class and the line of
 * code, never its message, because that may quote a record. What {@link #decode} throws means that stored totals are damaged.
 *
 * @param <A> the accumulator
 */
public interface Aggregator<A> {
    /** The types of the fields that a job lists under {@code of}, in their order; it must list as many. */
    List<ArgumentType> arguments();

    /** An accumulator of no records. */
    A createAccumulator();

    /**
     * Adds a record.
     *
     * @param accumulator may be changed
     * @param input the fields of the record; valid only during the call
     * @return the accumulator with the record; may be {@code accumulator}
     */
    A addInput(A accumulator, Arguments input);

    /**
     * Adds what another accumulator has.
     *
     * @param into may be changed
     * @param from must not be changed, neither now nor by later changes of the result
     * @return the accumulator with the records of both; may be {@code into}
     */
    A mergeAccumulators(A into, A from);

    /**
     * The value in the row. The accumulator must not be changed.
     *
     * @return null, a {@code Boolean}, a number ({@code Integer}, {@code Long}, {@code Double}, {@code BigInteger} or {@code
     *     BigDecimal}), a {@code String}, or a {@code List} or a {@code Map} with {@code String} keys of such values. The fields of
     *     a map are written in the order of their names. A double that is not finite fails the partition with {@code NOT_FINITE}
     */
    @Nullable
    Object extractOutput(A accumulator);

    /** The accumulator as bytes, at most {@link #maxBytes}, for {@link #decode}. The accumulator must not be changed. */
    byte[] encode(A accumulator);

    /**
     * Reads what {@link #encode} of the same version has written, perhaps by another worker.
     *
     * @throws RuntimeException if the bytes are something else
     */
    A decode(byte[] bytes);

    /**
     * The most bytes that {@link #encode} returns. The worker reserves three times as many of its memory for each accumulator, so
     * an accumulator should not take much more in the heap. More bytes fail the partition.
     */
    int maxBytes();

    /**
     * Whether {@link #encode} gives the same bytes for the same records, however they were divided and merged. Sums of doubles,
     * for example, do not.
     */
    default boolean isCanonical() {
        return false;
    }
}
