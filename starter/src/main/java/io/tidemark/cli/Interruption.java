package io.tidemark.cli;

import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/**
 * What Ctrl-C and SIGTERM do. On a terminal the first Ctrl-C asks the question of the command, if it has one, and a second
 * Ctrl-C ends the process. Otherwise the process ends at once, with exit code 130 or 143. When it ends, it prints the
 * message of the command.
 */
final class Interruption {
    private static final AtomicReference<String> MESSAGE = new AtomicReference<>("");
    private static final AtomicReference<@Nullable Runnable> QUESTION = new AtomicReference<>();

    private Interruption() {}

    /** Prints the message, if there is one, when the process ends, and handles Ctrl-C on a terminal. */
    static void install(PrintWriter err) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            String message = MESSAGE.get();
                            if (message != null && !message.isEmpty()) {
                                err.println(message);
                                err.flush();
                            }
                        },
                        "say-what-continues"));
        if (Terminal.isInteractive()) {
            // The JDK has no other way to outlive Ctrl-C; every JDK since 1.2 has this one.
            Signal.handle(new Signal("INT"), signal -> interrupted(() -> System.exit(ExitCode.INTERRUPTED.code())));
        }
    }

    /** Asks the question if there is one that is not being asked, otherwise ends the process. */
    static void interrupted(Runnable end) {
        Runnable question = QUESTION.getAndSet(null);
        if (question == null) {
            end.run();
        } else {
            question.run();
        }
    }

    /** Sets the message; empty for none. */
    static void says(String message) {
        MESSAGE.set(message);
    }

    /** Sets what the next Ctrl-C asks; null for nothing. */
    static void asks(@Nullable Runnable question) {
        QUESTION.set(question);
    }
}
