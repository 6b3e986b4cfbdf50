package io.tidemark.part;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** A stored part is refused, or it is exactly what the part that was read writes. The first byte chooses the kind. */
public final class PartFuzz {
    private static final List<Subject.OfPart<?>> PARTS = Subjects.parts();

    private PartFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        PartKind<?> kind = PARTS.get((input[0] & 0xFF) % PARTS.size()).kind;
        Part part;
        try {
            part = kind.read(ByteBuffer.wrap(input, 1, input.length - 1));
        } catch (IllegalArgumentException e) {
            return;
        }
        byte[] written = new byte[part.encodedBytes()];
        part.write(written, 0);
        if (!Arrays.equals(written, 0, written.length, input, 1, input.length)) {
            throw new IllegalStateException("another part was read than the one that was stored");
        }
    }
}
