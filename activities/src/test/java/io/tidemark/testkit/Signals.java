package io.tidemark.testkit;

import java.io.IOException;

/** Signals to processes that Java has no method for. */
public final class Signals {
    private Signals() {}

    /** SIGSTOP: it lives, and does nothing. */
    public static void freeze(Process process) {
        send(process, "STOP");
    }

    /** SIGCONT: it goes on as if nothing had been. */
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
