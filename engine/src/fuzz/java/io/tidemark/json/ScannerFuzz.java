package io.tidemark.json;

import io.tidemark.job.InputSpec.Check;
import java.util.Arrays;
import java.util.List;

/** Records, a line each, through one scanner, which bets on the layout of those before: as Jackson reads each alone. */
public final class ScannerFuzz {
    private static final List<FieldPath> PATHS =
            List.of(FieldPath.parse("a"), FieldPath.parse("m.v"), FieldPath.parse("b[1]"));

    private ScannerFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        FieldScanner scanner = new FieldScanner(PATHS, Check.NEEDED);
        FieldValues values = new FieldValues(PATHS);
        int from = 0;
        for (int i = 0; i <= input.length; i++) {
            if (i == input.length || input[i] == '\n') {
                FieldScannerTest.assertLikeJackson(Arrays.copyOfRange(input, from, i), PATHS, scanner, values);
                from = i + 1;
            }
        }
    }
}
