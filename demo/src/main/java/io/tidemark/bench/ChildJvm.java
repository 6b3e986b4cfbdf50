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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * A child JVM with the class path of this one, controlled by lines on standard input and output. What is measured in it
 * shares neither heap nor compiled code with this JVM. It ends when its standard input does, so it cannot outlive this
 * process. Its temporary files are deleted with it.
 */
final class ChildJvm implements AutoCloseable {

    /**
     * Flags of processes whose flags are not part of the measurement. The serial collector costs the least on few
     * cores.
     */
    private static final List<String> DEFAULT_FLAGS = List.of(
            "-XX:+UseSerialGC",
            // Standard output is used for answers, so it must not contain logs.
            "-Dlogback.configurationFile=logback-demo.xml");

    /** More flags of all processes. The tests of the bench measure nothing, so they use the fast compiler. */
    private static final List<String> MORE_FLAGS = Stream.of(
                    System.getProperty("tidemark.bench.flags", "").split(" "))
            .filter(each -> !each.isEmpty())
            .toList();

    private static final int MAX_LAST_LINES = 20;

    private final String name;
    private final Path folder;
    private final Process process;
    private final Thread endWithThisJvm = new Thread(this::end, "child-end");
    private final BufferedReader from;
    private final BufferedWriter to;
    private final List<String> lastLines = new ArrayList<>();

    private ChildJvm(String name, Path folder, Process process) {
        this.name = name;
        this.folder = folder;
        this.process = process;
        this.from = process.inputReader(StandardCharsets.UTF_8);
        this.to = process.outputWriter(StandardCharsets.UTF_8);
        Runtime.getRuntime().addShutdownHook(endWithThisJvm);
    }

    /** Starts {@code main} with a maximum heap, such as {@code 1g}. Its standard error is that of this process. */
    static ChildJvm start(Class<?> main, String heap, String... arguments) {
        return start(main, List.of(), heap, arguments);
    }

    /** Starts {@code main} with jars in front of the class path. */
    static ChildJvm start(Class<?> main, List<String> jars, String heap, String... arguments) {
        List<String> flags = new ArrayList<>(DEFAULT_FLAGS);
        flags.add("-Xmx" + heap);
        return start(main, jars, flags, ProcessBuilder.Redirect.INHERIT, arguments);
    }

    /** Starts {@code main} with these flags. Its log, at INFO, is read as its lines. */
    static ChildJvm startLogging(Class<?> main, List<String> flags, String... arguments) {
        return start(main, List.of(), flags, ProcessBuilder.Redirect.PIPE, arguments);
    }

    private static ChildJvm start(
            Class<?> main, List<String> jars, List<String> flags, ProcessBuilder.Redirect errors, String... arguments) {
        Path folder = Folders.createTemporary("tidemark-child-");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(MORE_FLAGS);
        command.add("-Djava.io.tmpdir=" + folder);
        // The peak of the heap is read from this file, without a request to the process.
        command.add("-Xlog:gc:file=" + folder.resolve("gc.log") + "::filecount=0");
        List<String> classPath = new ArrayList<>(jars);
        classPath.add(System.getProperty("java.class.path"));
        command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(errors)
                .redirectErrorStream(errors == ProcessBuilder.Redirect.PIPE);
        builder.environment().put("TIDEMARK_LOG_LEVEL", "INFO");
        try {
            return new ChildJvm(main.getSimpleName(), folder, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Called in the child: waits for the end of standard input, then ends the process. */
    static void endWithTheParent() {
        try {
            while (System.in.read() != -1) {
                // The input has no meaning.
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Runtime.getRuntime().halt(0);
        }
    }

    String read() {
        try {
            String line = from.readLine();
            if (line == null) {
                throw new IllegalStateException(
                        name + " ended without an answer; its errors are above, the end of its log:" + lastLines());
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String ask(String line) {
        tell(line);
        return read();
    }

    void tell(String line) {
        try {
            to.write(line);
            to.newLine();
            to.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " no longer reads its standard input", e);
        }
    }

    /** Reads lines until one contains {@code words}. Later lines are only kept for {@link #lastLines}. */
    void readUntil(String words) {
        String line;
        do {
            line = read();
            keep(line);
        } while (!line.contains(words));
        Thread drain = new Thread(this::keepTheRest, name + "-log");
        drain.setDaemon(true);
        drain.start();
    }

    private void keepTheRest() {
        try {
            from.lines().forEach(this::keep);
        } catch (UncheckedIOException e) {
            keep(name + ": its output can no longer be read: " + e.getMessage());
        }
    }

    private synchronized void keep(String line) {
        if (lastLines.size() == MAX_LAST_LINES) {
            lastLines.remove(0);
        }
        lastLines.add(line);
    }

    /** Returns the last 20 lines of output, each preceded by a line break. */
    synchronized String lastLines() {
        return lastLines.stream().map(line -> "\n  " + line).reduce("", String::concat);
    }

    /** Returns the folder of its temporary files, which is deleted with it. */
    Path folder() {
        return folder;
    }

    /** Returns a future that completes when the process ends. */
    CompletableFuture<Process> exit() {
        return process.onExit();
    }

    /** Returns the CPU seconds that it has used, over all threads. */
    double cpuSeconds() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    /** Returns the peak of its memory; {@link MemoryPeak#NONE} if the system does not report it. */
    MemoryPeak memoryPeak() {
        try {
            Path status = Path.of("/proc", Long.toString(process.pid()), "status");
            Path collections = folder.resolve("gc.log");
            return MemoryPeak.of(
                    Files.exists(collections) ? Files.readAllLines(collections) : List.of(),
                    Files.exists(status) ? Files.readAllLines(status) : List.of());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read how much memory " + name + " used", e);
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(endWithThisJvm);
        } catch (IllegalStateException jvmIsEnding) {
            // The JVM is ending, so the hook runs as well. Ending twice is harmless.
        }
        end();
    }

    /** Kills the process, because nothing in it is worth keeping. */
    private void end() {
        process.destroyForcibly().onExit().join();
        Folders.delete(folder);
    }
}
