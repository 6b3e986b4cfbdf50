package io.tidemark.demo;

import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** Keeps log messages of libraries out of the output of the demo and the bench. */
public final class LibraryLogs {

    private static volatile boolean stopped;

    private LibraryLogs() {}

    /** Stops logging because the process ends: later errors only mean that a server stopped before its client. */
    static void stop() {
        stopped = true;
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }

    /** Returns whether the process ends. */
    static boolean isStopped() {
        return stopped;
    }

    /** Prepares logging. Call it before the first server starts. */
    public static void prepare() {
        // SLF4J prints a warning if several threads get their first loggers at the same time.
        LoggerFactory.getILoggerFactory();
        // Only the broker uses Log4j, which prints a warning if it is loaded while the process ends.
        System.setProperty("log4j.shutdownHookEnabled", "false");
        // After Ctrl-C, servers stop while their clients still use them.
        Runtime.getRuntime().addShutdownHook(new Thread(LibraryLogs::stop, "stop-logging"));
    }
}
