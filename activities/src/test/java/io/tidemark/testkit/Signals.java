package io.tidemark.testkit;

import java.io.IOException;

/** Sends signals to processes for which Java has no method. */
public final class Signals {
    private Signals() {}

    /** Freezes the process (SIGSTOP). */
    public static void freeze(Process process) {
        send(process, "STOP");
    }

    /** Resumes the process (SIGCONT). */
    public static void thaw(Process process) {
        send(process, "CONT");
    }

    private static void send(Process process, String name) {
        try {
            int exit = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new AssertionError("kill -" + name + " ended with " + exit);
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
