package io.tidemark.project;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/**
 * A terminal of the tutorial's reader: a shell in a folder that has {@code ./tidemark}, with Kafka's tools on its path.
 * Both are scripts; that of {@code ./tidemark} starts the classes of this build.
 */
final class TutorialShell implements AutoCloseable {
    private final Path output;
    private final Process shell;
    private final Writer in;
    private final BufferedReader out;

    TutorialShell(Path folder, KafkaTools kafka) throws IOException {
        Path tools = Files.createDirectories(folder.resolve("tools"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java")
                + " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Xmx256m -Djava.io.tmpdir=" + tools + " -cp '"
                + System.getProperty("java.class.path") + "' ";
        script(folder.resolve("tidemark"), """
                case ${1:-} in worker) main=io.tidemark.worker.Main ;; *) main=io.tidemark.cli.Main ;; esac
                exec %s $main "$@"
                """.formatted(java));
        for (String tool : KafkaTools.NAMES) {
            script(tools.resolve(tool), kafka.script(tool));
        }
        output = Files.createTempFile(tools, "output-", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder("bash").directory(folder.toFile()).redirectErrorStream(true);
        // The page's settings, and none of those of whoever builds.
        builder.environment().keySet().removeIf(each -> each.startsWith("TEMPORAL_") || each.startsWith("TIDEMARK_"));
        builder.environment()
                .put("TEMPORAL_CONFIG_FILE", tools.resolve("none.toml").toString());
        builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
        shell = builder.start();
        in = shell.outputWriter(StandardCharsets.UTF_8);
        out = shell.inputReader(StandardCharsets.UTF_8);
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, "#!/usr/bin/env bash\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    /** Runs commands as if they were typed, and returns what they print; a command that fails is an error. */
    String run(String commands) {
        String mark = UUID.randomUUID().toString();
        StringBuilder printed = new StringBuilder();
        try {
            in.write("set -e\n" + commands + "\nset +e\necho " + mark + "\n");
            in.flush();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.equals(mark)) {
                    return printed.toString();
                }
                printed.append(line).append('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("a command fails:\n" + commands + "\nand prints:\n" + printed);
    }

    /** Starts a command that does not end by itself. */
    void start(String command) {
        try {
            in.write("exec " + command.strip() + " > " + output + " 2>&1\n");
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the command that was started has printed until now. */
    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the command that was started, as Ctrl-C or SIGTERM does, and waits for its end. */
    void interrupt() {
        shell.destroy();
        shell.onExit().join();
    }

    @Override
    public void close() {
        shell.descendants().forEach(ProcessHandle::destroyForcibly);
        shell.destroyForcibly();
    }
}
