package io.tidemark.settings;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Fuzzes files of Kafka settings: each is read, or rejected with a message that names file and line. */
public final class SettingsFuzz {
    private static final Path FILE = file();

    private SettingsFuzz() {}

    private static Path file() {
        try {
            return Files.createTempFile("settings-", ".fuzz");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Files.write(FILE, input);
        try {
            KafkaSettings.load(FILE, null, null);
        } catch (IllegalArgumentException e) {
            if (!String.valueOf(e.getMessage()).contains(FILE.toString())) {
                throw new AssertionError("the message does not name the file: " + e.getMessage(), e);
            }
        } catch (MalformedInputException e) {
            // Not UTF-8.
        }
    }
}
