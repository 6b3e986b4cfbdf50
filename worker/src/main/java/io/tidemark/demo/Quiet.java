package io.tidemark.demo;

import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** Keeps the libraries' voices out of what the demo and the bench print. */
public final class Quiet {

    private static volatile boolean ending;

    private Quiet() {}

    /** Whether the process was told to end: what fails now is no error to tell of. */
    static boolean isEnding() {
        return ending;
    }

    /** To be called before the first server starts. */
    public static void prepare() {
        // Now, for several threads that ask for their first loggers at once get an excuse printed.
        LoggerContext loggers = (LoggerContext) LoggerFactory.getILoggerFactory();
        // Log4j is there for the broker only, and complains when it is loaded while the process ends.
        System.setProperty("log4j.shutdownHookEnabled", "false");
        // After Ctrl-C servers go in the middle of things, and their clients need not tell us.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            ending = true;
                            loggers.stop();
                        },
                        "quiet"));
    }
}
