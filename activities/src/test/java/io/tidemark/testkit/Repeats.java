package io.tidemark.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterClassTemplateInvocationCallback;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContext;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Repeats all tests of a {@link LifecycleSuite}, and records each repetition in the ledger. */
final class Repeats implements ClassTemplateInvocationContextProvider {
    @Override
    public boolean supportsClassTemplate(ExtensionContext context) {
        return true;
    }

    /** The ledger may already have all repetitions. */
    @Override
    public boolean mayReturnZeroClassTemplateInvocationContexts(ExtensionContext context) {
        return true;
    }

    @Override
    public Stream<ClassTemplateInvocationContext> provideClassTemplateInvocationContexts(ExtensionContext context) {
        String suite = context.getRequiredTestClass().getSimpleName();
        Ledger ledger = Ledger.of("R10 " + suite);
        Set<Long> tried = ledger.tried();
        Duration time = Duration.parse(System.getProperty("faults.time", "P7D"));
        long start = System.nanoTime();
        return LongStream.rangeClosed(1, Integer.getInteger("faults.repeats", 1))
                .filter(repeat -> !tried.contains(repeat))
                .takeWhile(repeat -> System.nanoTime() - start < time.toNanos())
                .mapToObj(repeat -> new Repeat(ledger, repeat));
    }

    /** One repetition. */
    private record Repeat(Ledger ledger, long number) implements ClassTemplateInvocationContext {
        @Override
        public String getDisplayName(int index) {
            return "time " + number;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new Noted(ledger, number));
        }
    }

    /** Counts passed and failed tests. */
    private static final class Noted implements TestWatcher, AfterClassTemplateInvocationCallback {
        private final Ledger ledger;
        private final long number;
        private final long begin = System.nanoTime();
        private final AtomicInteger passed = new AtomicInteger();
        private final AtomicInteger failed = new AtomicInteger();

        Noted(Ledger ledger, long number) {
            this.ledger = ledger;
            this.number = number;
        }

        @Override
        public void testSuccessful(ExtensionContext context) {
            passed.incrementAndGet();
        }

        @Override
        public void testFailed(ExtensionContext context, Throwable cause) {
            failed.incrementAndGet();
        }

        @Override
        public void testAborted(ExtensionContext context, Throwable cause) {
            // Counts as neither: the test needs something that is not available.
        }

        @Override
        public void afterClassTemplateInvocation(ExtensionContext context) {
            // A suite that failed in its setup has no failed test.
            boolean all = failed.get() == 0
                    && passed.get() > 0
                    && context.getExecutionException().isEmpty();
            ledger.note(
                    number,
                    all ? Ledger.Outcome.PASSED : Ledger.Outcome.FAILED,
                    Duration.ofNanos(System.nanoTime() - begin),
                    passed + " tests passed, " + failed + " did not");
        }
    }
}
