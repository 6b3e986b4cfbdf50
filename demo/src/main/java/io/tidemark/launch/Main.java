package io.tidemark.launch;

import io.tidemark.bench.BenchCommand;
import io.tidemark.demo.DemoCommand;
import picocli.CommandLine;

/** The main class of {@code demo} and {@code bench}, which start their own servers, and of what needs all commands. */
public final class Main {
    private Main() {}

    /** Runs a command and exits with its exit code: 0 success, 1 failure, 2 wrong usage. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** Returns the command line of the worker with these commands. */
    public static CommandLine commandLine() {
        return io.tidemark.worker.Main.commandLine()
                .addSubcommand("demo", new DemoCommand())
                .addSubcommand("bench", new BenchCommand())
                .addSubcommand("completion", new CompletionCommand())
                .addSubcommand("man", new ManCommand())
                // Set again, because it applies only to the commands that are present.
                .setCaseInsensitiveEnumValuesAllowed(true);
    }
}
