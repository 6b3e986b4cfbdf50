package io.tidemark.embedded;

import java.io.PrintStream;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/**
 * Skips or fails a test that needs the real server. A separate class, because the class path of the demo lacks the
 * exception for a skip.
 */
final class BinaryForTests {

    private BinaryForTests() {}

    static Path of(TemporalBinary.Search search, boolean inCi, PrintStream messages) {
        if (search.binary().isPresent()) {
            return search.binary().get();
        }
        if (inCi) {
            throw new IllegalStateException(search.tried());
        }
        messages.println("SKIPPED: this test needs the real Temporal server: " + search.tried());
        throw new TestAbortedException(search.tried());
    }
}
