package io.tidemark.cli;

import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicReference;

/** What is printed if Ctrl-C or SIGTERM ends the process. The Java runtime sets the exit code, 130 or 143. */
final class Interruption {
    private static final AtomicReference<String> MESSAGE = new AtomicReference<>("");

    private Interruption() {}

    /** Prints the message, if there is one, when the process ends. */
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
    }

    /** Sets the message; empty for none. */
    static void says(String message) {
        MESSAGE.set(message);
    }
}
