package io.tidemark.story;

import io.tidemark.testkit.Signals;
import io.tidemark.worker.WorkerClasses;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A worker in its own process, which a test can kill and stop with signals. */
final class WorkerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Process process;
    private final Path log;
    private final BufferedReader out;

    private WorkerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts a main class with the class path of this JVM. Its log goes to a file in the folder. */
    static WorkerProcess start(Path folder, Class<?> program, String... arguments) throws IOException {
        return startIn("-Xmx256m", folder, program, arguments);
    }

    /** Starts it with variables in its environment. */
    static WorkerProcess startWith(Map<String, String> environment, Path folder, Class<?> program, String... arguments)
            throws IOException {
        return startIn("-Xmx256m", environment, folder, program, arguments);
    }

    /** Starts it with another heap size. */
    static WorkerProcess startIn(String heap, Path folder, Class<?> program, String... arguments) throws IOException {
        return startIn(heap, Map.of(), folder, program, arguments);
    }

    private static WorkerProcess startIn(
            String heap, Map<String, String> environment, Path folder, Class<?> program, String... arguments)
            throws IOException {
        Path log = Files.createTempFile(folder, "worker-", ".log");
        List<String> command = new ArrayList<>(WorkerClasses.jvm());
        command.addAll(List.of(heap, program.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().put("TIDEMARK_LOG_LEVEL", "INFO");
        builder.environment().putAll(environment);
        return new WorkerProcess(builder.start(), log);
    }

    /** Waits for a line on standard output. */
    void awaitLine(String wanted) {
        CompletableFuture<Boolean> found = CompletableFuture.supplyAsync(
                () -> out.lines().anyMatch(line -> line.equals(wanted)),
                task -> new Thread(task, "await-line").start());
        try {
            if (found.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (Exception e) {
            throw new AssertionError("the worker did not write '" + wanted + "'; its log:\n" + log(), e);
        }
        throw new AssertionError("the worker ended before it wrote '" + wanted + "'; its log:\n" + log());
    }

    /** Returns the log so far. */
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends SIGTERM and waits for the end of the process. */
    void endGently() {
        process.destroy();
        try {
            process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("the worker does not end after SIGTERM; its log:\n" + log(), e);
        }
    }

    /** Returns the process id. */
    long pid() {
        return process.pid();
    }

    /** Sends SIGKILL. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Sends SIGSTOP, which freezes the process. */
    void stop() {
        Signals.freeze(process);
    }

    /** Sends SIGCONT, which resumes the process. */
    void resume() {
        Signals.thaw(process);
    }

    /** Releases the held step. */
    void goOn() {
        try {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
