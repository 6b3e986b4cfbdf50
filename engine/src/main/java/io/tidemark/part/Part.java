package io.tidemark.part;

/**
 * An accumulator whose size is not fixed. Each class has its own methods to add a record's values and to give the result.
 *
 * <p>Not safe for use by several threads.
 */
public interface Part {
    /** How many bytes of heap the part holds, an upper bound. It changes only by adding and merging. */
    int bytes();

    /**
     * Adds all that another part of the same {@link PartKind} has seen. The other part is not changed.
     *
     * @throws TooManyValuesException if the part would exceed a limit; some values may have been added
     */
    void merge(Part from) throws TooManyValuesException;

    /** How many bytes {@link #write} writes. */
    int encodedBytes();

    /**
     * Writes the part for {@link PartKind#read}. If the kind is {@link Strength#EXACT}, the same records always give the same
     * bytes.
     *
     * @return the position after it
     */
    int write(byte[] into, int at);
}
