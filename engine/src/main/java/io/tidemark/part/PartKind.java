package io.tidemark.part;

import java.nio.ByteBuffer;

/** How parts with the same parameters are made and read. Immutable; safe for use by several threads. */
public interface PartKind<P extends Part> {
    /**
     * What the bytes mean: the algorithm, its version and the parameters, such as {@code ull.1(12)}. Parts are merged only
     * with parts of the same signature.
     */
    String signature();

    /** How far a part depends on the order of the records. */
    Strength strength();

    /** The most bytes that a part takes in the heap, and the most that it writes. */
    long maxBytes();

    /** A part that has seen no record. */
    P create();

    /**
     * Reads all the bytes that remain in {@code from}. Takes no more memory than a small multiple of their number.
     *
     * @throws IllegalArgumentException if they are not exactly what a part of this kind writes
     */
    P read(ByteBuffer from);
}
