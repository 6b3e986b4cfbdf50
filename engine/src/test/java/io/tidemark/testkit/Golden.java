package io.tidemark.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * Bytes as version 0.1 wrote them, from {@code golden/} in the test resources. Every later version must read them and
 * write the same bytes; a format that changes gets a new version and new files beside these.
 */
public final class Golden {
    private Golden() {}

    /** The bytes of a file. */
    public static byte[] bytes(String name) {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name)) {
            if (in == null) {
                throw new IllegalArgumentException("golden/" + name + " is not among the test resources");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file as text. */
    public static String text(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }

    /** The lines of a text file. */
    public static List<String> lines(String name) {
        return text(name).lines().toList();
    }

    /** Byte arrays from a file that has one in hexadecimal on each line. */
    public static List<byte[]> hex(String name) {
        return lines(name).stream().map(HexFormat.of()::parseHex).toList();
    }
}
