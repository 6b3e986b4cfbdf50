package io.tidemark.bench;

import io.tidemark.embedded.Folders;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A program of somebody else that does the work of a run, for {@code --beside}. docs/performance.md says what such a
 * program gets and what it has to do. What it prints goes to a file, which is shown if it fails.
 */
final class Program implements AutoCloseable {

    /** What a program that stays writes when it has done a pass. */
    private static final String DONE = "done";

    /** Longer than the slowest pass of the table, so that a program that waits for something does not block the bench. */
    private static final long LIMIT_SECONDS = 1_800;

    /** Stands in the answers for the end of a program's output. It is not a line. */
    private static final String END = "\n";

    private static final long SAMPLE_MILLIS = 50;
    private static final long END_SECONDS = 3;
    private static final int LAST_LINES = 20;

    /**
     * A program to run.
     *
     * @param command a line for the shell
     * @param stays whether it is started once and does all passes, or is started for each pass
     */
    record Line(String command, boolean stays) {
        @Override
        public String toString() {
            return "`" + command + "` (" + (stays ? "warm" : "started for each pass") + ")";
        }
    }

    /**
     * A pass over the whole topic.
     *
     * @param seconds from the start of the process to its end; of a program that stays, from the request to the answer
     * @param cpuSeconds with all processes that it started
     * @param peak the same
     */
    record Pass(double seconds, double cpuSeconds, MemoryPeak peak) {}

    private final Line line;
    private final Map<String, String> environment;
    private final Path folder = Folders.createTemporary("tidemark-program-");
    private final File log = folder.resolve("log").toFile();
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final Thread endWithThisJvm = new Thread(this::end, "program-end");
    private volatile @Nullable Process process;

    /**
     * Starts nothing yet.
     *
     * @param environment variables for the program
     */
    Program(Line line, Map<String, String> environment) {
        this.line = line;
        this.environment = environment;
        Runtime.getRuntime().addShutdownHook(endWithThisJvm);
    }

    /**
     * Makes a pass.
     *
     * @param output a topic for its rows, which exists
     * @throws IllegalStateException if the program fails or does not end
     */
    Pass pass(String output) {
        try {
            return line.stays() ? request(output) : startAndWait(output);
        } catch (IOException e) {
            throw failed("cannot be run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("was interrupted");
        }
    }

    private Pass startAndWait(String output) throws IOException, InterruptedException {
        double cpuBefore = ProcessFigures.endedChildrenSeconds();
        MemoryPeak peak = MemoryPeak.NONE;
        long begun = System.nanoTime();
        Process started = start(
                builder()
                        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log)),
                Map.of("BENCH_OUTPUT", output));
        // The kernel forgets the peak with the process, so it is read again and again.
        while (!started.waitFor(SAMPLE_MILLIS, TimeUnit.MILLISECONDS)) {
            peak = peak.max(ProcessFigures.memoryPeak(started.pid()));
            if (since(begun) > LIMIT_SECONDS) {
                throw failed("has not ended after " + LIMIT_SECONDS + " s");
            }
        }
        double seconds = since(begun);
        if (started.exitValue() != 0) {
            throw failed("ended with " + started.exitValue());
        }
        return new Pass(seconds, ProcessFigures.endedChildrenSeconds() - cpuBefore, peak);
    }

    private Pass request(String output) throws IOException, InterruptedException {
        Process running = process == null ? startOnce() : process;
        if (answers.contains(DONE)) {
            throw failed("has written '" + DONE + "' more than once for a pass");
        }
        double cpuBefore = ProcessFigures.seconds(running.pid());
        long begun = System.nanoTime();
        BufferedWriter to = running.outputWriter(StandardCharsets.UTF_8);
        to.write(output + "\n");
        to.flush();
        String answer;
        do {
            answer = answers.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        } while (answer != null && !answer.equals(DONE) && !answer.equals(END));
        if (answer == null) {
            throw failed("has not answered with a line '" + DONE + "' after " + LIMIT_SECONDS + " s");
        }
        double seconds = since(begun);
        if (answer.equals(END)) {
            throw failed("ended before it answered with a line '" + DONE + "'");
        }
        return new Pass(
                seconds, ProcessFigures.seconds(running.pid()) - cpuBefore, ProcessFigures.memoryPeak(running.pid()));
    }

    private Process startOnce() throws IOException {
        Process started = start(builder(), Map.of());
        Thread reader = new Thread(() -> readAnswers(started), "program-answers");
        reader.setDaemon(true);
        reader.start();
        return started;
    }

    /** Adds what a program prints to the answers, line by line, until its end. */
    private void readAnswers(Process from) {
        try (BufferedReader lines = from.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(answers::add);
        } catch (IOException | UncheckedIOException e) {
            // The same as the end of the output, for whoever waits for an answer.
        }
        answers.add(END);
    }

    private Process start(ProcessBuilder builder, Map<String, String> more) throws IOException {
        builder.environment().putAll(environment);
        builder.environment().putAll(more);
        Process started = builder.start();
        process = started;
        return started;
    }

    private ProcessBuilder builder() {
        return new ProcessBuilder("sh", "-c", line.command()).redirectError(ProcessBuilder.Redirect.appendTo(log));
    }

    private IllegalStateException failed(String how) {
        List<String> printed = List.of();
        try {
            printed = Files.readAllLines(log.toPath(), StandardCharsets.ISO_8859_1);
        } catch (IOException nothingPrinted) {
            // Then there is nothing to show.
        }
        return new IllegalStateException(line + " " + how + "; the end of its log:"
                + printed.stream()
                        .skip(Math.max(0, printed.size() - LAST_LINES))
                        .map(each -> "\n  " + each)
                        .collect(Collectors.joining()));
    }

    private static double since(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }

    /** Ends the program: one that stays by the end of its standard input, any other, or one that does not end, by force. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(endWithThisJvm);
        } catch (IllegalStateException jvmIsEnding) {
            // The JVM is ending, so the hook runs as well. Ending twice is harmless.
        }
        Process running = process;
        if (running != null && line.stays()) {
            try {
                running.outputWriter(StandardCharsets.UTF_8).close();
                running.waitFor(END_SECONDS, TimeUnit.SECONDS);
            } catch (IOException e) {
                // It has closed its standard input, or ended.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        end();
    }

    private void end() {
        Process running = process;
        if (running != null) {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly().onExit().join();
        }
        Folders.delete(folder);
    }
}
