package io.tidemark.part;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.Assertions;

/** An accumulator of any kind as the laws see it. */
abstract class Subject<S> {
    final String name;
    final Strength strength;

    Subject(String name, Strength strength) {
        this.name = name;
        this.strength = strength;
    }

    abstract S create();

    abstract void add(S state, Sample sample) throws Exception;

    abstract void merge(S into, S from) throws Exception;

    abstract byte[] encode(S state);

    abstract S decode(byte[] bytes);

    /** Compares the result with that of an independent program. */
    abstract void check(S state, List<Sample> samples);

    @Override
    public String toString() {
        return name;
    }

    /** A kind of part. */
    abstract static class OfPart<P extends Part> extends Subject<P> {
        final PartKind<P> kind;

        OfPart(PartKind<P> kind) {
            super(kind.signature(), kind.strength());
            this.kind = kind;
        }

        @Override
        P create() {
            return kind.create();
        }

        @Override
        void merge(P into, P from) throws Exception {
            byte[] before = encode(from);
            into.merge(from);
            Assertions.assertThat(encode(from)).as("the other part").isEqualTo(before);
        }

        @Override
        byte[] encode(P part) {
            int length = part.encodedBytes();
            byte[] bytes = new byte[length + 2];
            bytes[0] = 0x55;
            bytes[length + 1] = 0x55;
            Assertions.assertThat(part.write(bytes, 1)).isEqualTo(1 + length);
            Assertions.assertThat(bytes[0] + bytes[length + 1]).as("beside").isEqualTo(2 * 0x55);
            Assertions.assertThat((long) Math.max(part.bytes(), length)).isLessThanOrEqualTo(kind.maxBytes());
            return Arrays.copyOfRange(bytes, 1, length + 1);
        }

        @Override
        P decode(byte[] bytes) {
            ByteBuffer buffer = ByteBuffer.allocate(bytes.length + 2).put(1, bytes);
            return kind.read(buffer.position(1).limit(1 + bytes.length).slice());
        }
    }
}
