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

/**
 * A JVM with this one's class path that is talked to in lines: what is measured beside us shares neither our heap nor our
 * compiled code. It ends when its standard input does, so it cannot outlive us, and its temporary files go with it.
 */
final class ChildJvm implements AutoCloseable {

    /** Of every process whose flags are not what is measured: it costs the least on few cores. */
    private static final List<String> QUIET = List.of(
            "-XX:+UseSerialGC",
            // Standard output is for answers.
            "-Dlogback.configurationFile=logback-demo.xml");

    private static final int LAST_WORDS = 20;

    private final String name;
    private final Path folder;
    private final Process process;
    private final Thread endWithUs = new Thread(this::end, "child-end");
    private final BufferedReader from;
    private final BufferedWriter to;
    private final List<String> lastWords = new ArrayList<>();

    private ChildJvm(String name, Path folder, Process process) {
        this.name = name;
        this.folder = folder;
        this.process = process;
        this.from = process.inputReader(StandardCharsets.UTF_8);
        this.to = process.outputWriter(StandardCharsets.UTF_8);
        Runtime.getRuntime().addShutdownHook(endWithUs);
    }

    /** Starts {@code main} with at most {@code heap}, such as {@code 1g}; its errors go where ours do. */
    static ChildJvm start(Class<?> main, String heap, String... arguments) {
        return start(main, List.of(), heap, arguments);
    }

    /** The same with jars before all others. */
    static ChildJvm start(Class<?> main, List<String> jars, String heap, String... arguments) {
        List<String> flags = new ArrayList<>(QUIET);
        flags.add("-Xmx" + heap);
        return start(main, jars, flags, ProcessBuilder.Redirect.INHERIT, arguments);
    }

    /** Starts {@code main} with these flags; its log, at INFO, are its lines. */
    static ChildJvm startLogging(Class<?> main, List<String> flags, String... arguments) {
        return start(main, List.of(), flags, ProcessBuilder.Redirect.PIPE, arguments);
    }

    private static ChildJvm start(
            Class<?> main, List<String> jars, List<String> flags, ProcessBuilder.Redirect errors, String... arguments) {
        Path folder = Folders.createTemporary("tidemark-child-");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.add("-Djava.io.tmpdir=" + folder);
        // How full the heap was, without asking the process anything.
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

    /** In the child: waits for the end of its standard input, and ends the process. */
    static void endWithTheParent() {
        try {
            while (System.in.read() != -1) {
                // Nothing is asked of it.
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
                        name + " ended without an answer; what went wrong is above" + lastWords());
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String ask(String line) {
        try {
            to.write(line);
            to.newLine();
            to.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " does not listen any more", e);
        }
        return read();
    }

    /** Reads until a line has these words; from then on its lines are only kept for {@link #lastWords}. */
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
            keep(name + " cannot be heard any more: " + e.getMessage());
        }
    }

    private synchronized void keep(String line) {
        if (lastWords.size() == LAST_WORDS) {
            lastWords.remove(0);
        }
        lastWords.add(line);
    }

    /** The last lines that it wrote, each on a line of its own. */
    synchronized String lastWords() {
        return lastWords.stream().map(line -> "\n  " + line).reduce("", String::concat);
    }

    /** Its temporary files; others may be put there, to go with them. */
    Path folder() {
        return folder;
    }

    /** Completes when the process ends. */
    CompletableFuture<Process> exit() {
        return process.onExit();
    }

    /** Seconds of CPU that it has used, all threads together. */
    double cpuSeconds() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    /** How much memory it has used; {@link MemoryPeak#NONE} where the system does not say. */
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
            Runtime.getRuntime().removeShutdownHook(endWithUs);
        } catch (IllegalStateException jvmIsEnding) {
            // Then the hook runs as well; ending twice is harmless.
        }
        end();
    }

    /** At once: nothing that it holds is worth keeping. */
    private void end() {
        process.destroyForcibly().onExit().join();
        Folders.delete(folder);
    }
}
