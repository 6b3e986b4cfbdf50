package io.tidemark.demo;

import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** Keeps the libraries' voices out of what the demo and the bench print. */
public final class Quiet {

    private static volatile boolean ending;

    private Quiet() {}

    /** The process ends: what fails from now on, because a server went before its client, is no error to tell of. */
    static void end() {
        ending = true;
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }

    /** Whether the process ends. */
    static boolean isEnding() {
        return ending;
    }

    /** To be called before the first server starts. */
    public static void prepare() {
        // Now, for several threads that ask for their first loggers at once get an excuse printed.
        LoggerFactory.getILoggerFactory();
        // Log4j is there for the broker only, and complains when it is loaded while the process ends.
        System.setProperty("log4j.shutdownHookEnabled", "false");
        // After Ctrl-C servers go in the middle of things.
        Runtime.getRuntime().addShutdownHook(new Thread(Quiet::end, "quiet"));
    }
}
