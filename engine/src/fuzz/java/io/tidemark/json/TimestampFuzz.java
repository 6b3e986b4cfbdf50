package io.tidemark.json;

import io.tidemark.job.TimestampSpec;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;

/** Times as texts: what java.time makes of them, by pattern and by ISO-8601. */
public final class TimestampFuzz {
    private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
    private static final List<TimestampSpec.Pattern> PATTERNS = List.of(
            new TimestampSpec.Pattern("t", "dd/MM/yyyy HH:mm:ss", ZONE),
            new TimestampSpec.Pattern("t", "yyyyMMdd", ZONE),
            new TimestampSpec.Pattern("t", "d.M.yyyy H:mm", ZONE));
    private static final TimestampReaderTest.Reader READER = new TimestampReaderTest.Reader();

    private TimestampFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        String text = new String(input, StandardCharsets.ISO_8859_1);
        if (text.chars().anyMatch(c -> c < ' ' || c > '~' || c == '"' || c == '\\')) {
            // Not a question of times but of JSON, which is the other target's.
            return;
        }
        for (TimestampSpec.Pattern each : PATTERNS) {
            READER.use(each);
            same(each, text, TimestampReaderTest.byFormatter(each, text));
        }
        READER.use(new TimestampSpec.Iso("t", ZONE));
        same("ISO", text, TimestampReaderTest.byIso(text, ZONE));
    }

    private static void same(Object spec, String text, Long expected) {
        Long found = READER.orNull(text);
        if (!Objects.equals(found, expected)) {
            throw new AssertionError("'" + text + "' by " + spec + ": " + found + ", and java.time says " + expected);
        }
    }
}
