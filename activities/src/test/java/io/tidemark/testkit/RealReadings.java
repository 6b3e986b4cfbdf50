package io.tidemark.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Three and a half months of real readings, one a minute; missing readings have "?" as voltage. */
public final class RealReadings {
    private static final String FILE = "household-voltage-2006-12-16-to-2007-03-31.jsonl.gz";

    private RealReadings() {}

    /** Returns the lines; skips the test with a message if the file is not next to the project. */
    public static List<String> lines() throws IOException {
        Path file = Path.of("..", "..", "shared", "data", FILE).toAbsolutePath().normalize();
        assumeTrue(Files.exists(file), "the real readings are not here: " + file);
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            return in.lines().toList();
        }
    }
}
