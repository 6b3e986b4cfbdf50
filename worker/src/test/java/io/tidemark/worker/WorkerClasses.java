package io.tidemark.worker;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The JVM of worker processes. An archive of the worker's classes, parsed and verified, halves the CPU time of a start;
 * see {@link ClassList}. The first of the test JVMs makes the archive, and the others wait for it. Where the worker is not a
 * jar, as in an IDE, there is none.
 */
public final class WorkerClasses {
    private static final Path ARCHIVE = Path.of("target", "worker-classes.jsa");
    private static final Path LOCK = Path.of("target", "worker-classes.lock");
    private static final Path STAGING = Path.of("target", "worker-classes");

    /** The JVM archives no classes from folders, and the archive's class path must be the first part of a process's. */
    private static final String JARS = classPath(Files::isRegularFile);

    private static final List<String> COMMAND = command();

    private WorkerClasses() {}

    /** Returns the command, without a heap size, that starts a main class of this JVM's class path. */
    public static List<String> jvm() {
        return COMMAND;
    }

    private static String classPath(Predicate<Path> part) {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(each -> part.test(Path.of(each)))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static List<String> command() {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-BytecodeVerificationRemote"));
        try {
            if (archived(command)) {
                command.addAll(List.of("-XX:SharedArchiveFile=" + ARCHIVE.toAbsolutePath(), "-Xlog:cds=off"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        command.addAll(List.of("-cp", JARS + File.pathSeparator + classPath(Files::isDirectory)));
        return List.copyOf(command);
    }

    private static boolean archived(List<String> jvm) throws IOException {
        Files.createDirectories(LOCK.getParent());
        try (FileChannel lock = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            lock.lock();
            return isOfTheseJars() || made(jvm);
        }
    }

    /** The JVM itself ignores an archive of other jars, but then no start would be fast. */
    private static boolean isOfTheseJars() throws IOException {
        if (!Files.exists(ARCHIVE)) {
            return false;
        }
        FileTime made = Files.getLastModifiedTime(ARCHIVE);
        for (String jar : JARS.split(File.pathSeparator)) {
            if (Files.getLastModifiedTime(Path.of(jar)).compareTo(made) > 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean made(List<String> jvm) throws IOException {
        Files.deleteIfExists(ARCHIVE);
        List<String> command = new ArrayList<>(jvm);
        command.addAll(List.of("-XX:ArchiveClassesAtExit=" + ARCHIVE, "-cp", JARS));
        command.addAll(List.of(ClassList.class.getName(), STAGING.toString()));
        new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .onExit()
                .join();
        return Files.exists(ARCHIVE);
    }
}
