package io.tidemark.embedded;

import java.io.PrintStream;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/** Decides between skip and failure; a class of its own, for the demo's class path lacks the exception for a skip. */
final class BinaryForTests {

    private BinaryForTests() {}

    static Path of(TemporalBinary.Search search, boolean inCi, PrintStream messages) {
        if (search.binary().isPresent()) {
            return search.binary().get();
        }
        if (inCi) {
            throw new IllegalStateException(search.tried());
        }
        messages.println("SKIPPED, needs the real Temporal server: " + search.tried());
        throw new TestAbortedException(search.tried());
    }
}
