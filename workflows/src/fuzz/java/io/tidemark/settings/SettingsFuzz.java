package io.tidemark.settings;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of Kafka settings: read, or refused with file and line and without a value. */
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
                throw new AssertionError("it does not say where: " + e.getMessage(), e);
            }
        } catch (MalformedInputException e) {
            // Not UTF-8.
        }
    }
}
