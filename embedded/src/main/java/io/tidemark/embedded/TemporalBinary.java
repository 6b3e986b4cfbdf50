package io.tidemark.embedded;

import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Finds the {@code temporal} binary, which contains the real server and its Web UI: on the PATH, otherwise in the cache
 * folder of the user, otherwise by downloading it there, otherwise by building it there with Go. The demo, the tests
 * and CI use it.
 */
public final class TemporalBinary {

    /** The version of the Temporal CLI, which contains server 1.29.1 and Web UI 2.42.1. */
    public static final String VERSION = "1.5.1";

    private static final String NAME = "temporal";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration DOWNLOAD_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration BUILD_TIMEOUT = Duration.ofMinutes(15);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(30);

    // A file lock excludes other processes only; this lock excludes other threads of this JVM.
    private static final Object IN_THIS_JVM = new Object();

    private TemporalBinary() {}

    /**
     * The result of a search.
     *
     * @param binary the executable, or empty if every step failed
     * @param tried a sentence that says where it was found, or why each step failed
     */
    public record Search(Optional<Path> binary, String tried) {}

    /** A place where a binary may exist. */
    interface Place {
        Optional<Path> find();

        String describe();
    }

    /** A way to obtain a binary. */
    interface Source {
        /**
         * Creates an executable at {@code target}. Its folder exists and is used by this call only.
         *
         * @throws IOException if that fails; the message is shown to users
         */
        void fetch(Path target) throws IOException, InterruptedException;

        String describe();
    }

    /**
     * Searches the four places in order. Downloading or building may take minutes the first time; a message on stderr
     * says so.
     */
    public static Search locate() {
        return locate(System.getenv(), System.err);
    }

    private static Search locate(Map<String, String> environment, PrintStream messages) {
        Path cached = cacheFolder(environment).resolve(NAME);
        return locate(
                new OnPath(environment.getOrDefault("PATH", "")),
                cached,
                List.of(new Download(), new GoInstall(environment.getOrDefault("PATH", ""), messages)));
    }

    static Search locate(Place path, Path cached, List<Source> sources) {
        List<String> tried = new ArrayList<>();
        Optional<Path> found = path.find();
        if (found.isPresent()) {
            return new Search(found, "found " + path.describe() + ": " + found.get());
        }
        tried.add("not " + path.describe());
        if (Files.isExecutable(cached)) {
            return new Search(Optional.of(cached), "found in the cache: " + cached);
        }
        tried.add("not in the cache (" + cached + ")");
        try {
            return fetchOnce(cached, sources, tried);
        } catch (IOException e) {
            tried.add("the cache cannot be written (" + reason(e) + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            tried.add("interrupted");
        }
        return notFound(tried);
    }

    /** Returns {@code ${XDG_CACHE_HOME:-~/.cache}/tidemark/temporal-<version>}. */
    static Path cacheFolder(Map<String, String> environment) {
        String cacheHome = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path base = cacheHome.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cacheHome);
        return base.resolve("tidemark").resolve("temporal-" + VERSION);
    }

    private static Search fetchOnce(Path cached, List<Source> sources, List<String> tried)
            throws IOException, InterruptedException {
        Path folder = cached.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException("no folder above " + cached);
        }
        Files.createDirectories(folder);
        synchronized (IN_THIS_JVM) {
            try (FileChannel channel = FileChannel.open(
                            folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                // Another process may have fetched it before this one got the lock.
                if (lock.isValid() && Files.isExecutable(cached)) {
                    return new Search(Optional.of(cached), "found in the cache: " + cached);
                }
                for (Source source : sources) {
                    Path workshop = Files.createTempDirectory(folder, "new-");
                    try {
                        Path made = workshop.resolve(NAME);
                        source.fetch(made);
                        Files.move(made, cached, StandardCopyOption.ATOMIC_MOVE);
                        return new Search(Optional.of(cached), source.describe() + " into " + cached);
                    } catch (IOException e) {
                        tried.add("not " + source.describe() + " (" + reason(e) + ")");
                    } finally {
                        Folders.delete(workshop);
                    }
                }
            }
        }
        return notFound(tried);
    }

    private static Search notFound(List<String> tried) {
        return new Search(
                Optional.empty(),
                "no temporal binary " + VERSION + ": " + String.join("; ", tried)
                        + "; install the Temporal CLI (https://docs.temporal.io/cli) and add it to the PATH");
    }

    private static String reason(Exception e) {
        String message = e.getMessage();
        return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
    }

    /**
     * Runs the binary once, so that a damaged download or a binary for another platform does not get into the cache.
     */
    private static void check(Path binary) throws IOException, InterruptedException {
        String version;
        try {
            version = output(PROBE_TIMEOUT, Map.of(), binary.toString(), "--version");
        } catch (IOException e) {
            throw new IOException("the file is not a working binary: " + reason(e), e);
        }
        if (!version.startsWith("temporal version")) {
            throw new IOException("the file is not the Temporal CLI");
        }
    }

    private static String output(Duration limit, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile("tidemark-", ".log");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                    throw new IOException(command[0] + " did not end within " + limit.toSeconds() + " s");
                }
            } finally {
                process.destroyForcibly();
            }
            String output = Files.readString(log, StandardCharsets.UTF_8).strip();
            if (process.exitValue() != 0) {
                throw new IOException(command[0] + " ended with " + process.exitValue() + ": " + lastLine(output));
            }
            return output;
        } finally {
            Files.deleteIfExists(log);
        }
    }

    private static String lastLine(String text) {
        return text.substring(text.lastIndexOf('\n') + 1);
    }

    /** Finds an executable {@code name} in a folder of {@code path}. */
    private static Optional<Path> onPath(String path, String name) {
        for (String folder : path.split(File.pathSeparator)) {
            // For a shell, an empty element means the working directory; a binary from there could be anything.
            if (!folder.isBlank()) {
                Path candidate = Path.of(folder).resolve(name);
                if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
                    return Optional.of(candidate.toAbsolutePath());
                }
            }
        }
        return Optional.empty();
    }

    record OnPath(String path) implements Place {
        @Override
        public Optional<Path> find() {
            return onPath(path, NAME);
        }

        @Override
        public String describe() {
            return "on the PATH";
        }
    }

    /** Downloads the archive that the Temporal documentation links to. */
    record Download(URI base) implements Source {
        Download() {
            this(URI.create("https://temporal.download"));
        }

        @Override
        public void fetch(Path target) throws IOException, InterruptedException {
            URI archive =
                    base.resolve("/cli/archive/v" + VERSION + "?platform=" + platform() + "&arch=" + architecture());
            HttpClient client = HttpClient.newBuilder()
                    .connectTimeout(CONNECT_TIMEOUT)
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .build();
            HttpRequest request =
                    HttpRequest.newBuilder(archive).timeout(DOWNLOAD_TIMEOUT).build();
            HttpResponse<InputStream> response;
            try {
                response = client.send(request, BodyHandlers.ofInputStream());
            } catch (IOException e) {
                throw new IOException(base.getHost() + " cannot be reached: " + reason(e), e);
            }
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new IOException(archive + " answered " + response.statusCode());
                }
                unpack(body, target);
            }
            if (!target.toFile().setExecutable(true)) {
                throw new IOException("cannot make " + target + " executable");
            }
            check(target);
        }

        private static void unpack(InputStream archive, Path target) throws IOException {
            try (TarArchiveInputStream tar =
                    new TarArchiveInputStream(new GZIPInputStream(new BufferedInputStream(archive)))) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    if (entry.isFile() && Path.of(entry.getName()).endsWith(NAME)) {
                        Files.copy(tar, target);
                        return;
                    }
                }
            }
            throw new IOException("the archive has no file named " + NAME);
        }

        private static String platform() {
            String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
            return os.contains("mac") ? "darwin" : os.contains("windows") ? "windows" : "linux";
        }

        private static String architecture() {
            String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
            return arch.equals("aarch64") || arch.equals("arm64") ? "arm64" : "amd64";
        }

        @Override
        public String describe() {
            return "downloaded";
        }
    }

    /** Compiles the binary with Go, for machines that reach package registries only. */
    record GoInstall(String path, PrintStream messages) implements Source {
        @Override
        public void fetch(Path target) throws IOException, InterruptedException {
            Path go = onPath(path, "go").orElseThrow(() -> new IOException("no go on the PATH"));
            messages.println("Building the Temporal CLI " + VERSION + " with Go; this takes about 3 minutes, once.");
            output(
                    BUILD_TIMEOUT,
                    Map.of(
                            "GOBIN",
                            String.valueOf(target.toAbsolutePath().getParent()),
                            // The compiler then collects less garbage. Without any collection (off) the build took 2
                            // min
                            // 13 s instead of 3 min 5 s, but has no bound for its memory.
                            "GOGC",
                            "400"),
                    go.toString(),
                    "install",
                    "github.com/temporalio/cli/cmd/temporal@v" + VERSION);
            check(target);
        }

        @Override
        public String describe() {
            return "built with Go";
        }
    }
}
