package io.tidemark.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.function.Consumer;

/** Shows something again and again until Ctrl-C: on a terminal in place of what was there, elsewhere below it. */
final class Repetition {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** The top left corner, and nothing below it. */
    private static final String CLEAR = "\033[H\033[2J";

    private final PrintOptions print;
    private final String address;
    private String last = "";

    Repetition(PrintOptions print, String address) {
        this.print = print;
        this.address = address;
    }

    /**
     * Prints what {@code look} prints, whenever it differs from what it printed before. Once it has succeeded, a server that
     * does not answer is waited for.
     *
     * @throws CliException when the thread is interrupted
     */
    int show(Consumer<Printer> look) {
        while (true) {
            try {
                StringWriter frame = new StringWriter();
                look.accept(new Printer(new PrintWriter(frame)));
                draw(frame.toString());
            } catch (RuntimeException e) {
                CliException failure = Failures.explain(e, address);
                if (last.isEmpty() || failure.exitCode() != ExitCode.AWAY) {
                    throw failure;
                }
                print.note("error: " + failure.getMessage());
            }
            try {
                Thread.sleep(PAUSE.toMillis());
            } catch (InterruptedException e) {
                throw CliException.interrupted("interrupted");
            }
        }
    }

    private void draw(String frame) {
        if (frame.equals(last)) {
            return;
        }
        last = frame;
        print.raw(Terminal.isInteractive() && !print.json() ? CLEAR + frame : frame);
    }
}
