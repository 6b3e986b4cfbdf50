package io.tidemark.launch;

import io.tidemark.bench.BenchCommand;
import io.tidemark.demo.DemoCommand;
import picocli.CommandLine;

/** The commands that start servers of their own: {@code demo} and {@code bench}. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its exit code: 0 done, 1 failed, 2 wrong usage. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The worker's command line with the two commands added. */
    public static CommandLine commandLine() {
        return io.tidemark.worker.Main.commandLine()
                .addSubcommand("demo", new DemoCommand())
                .addSubcommand("bench", new BenchCommand())
                // It also applies to the two commands that were just added.
                .setCaseInsensitiveEnumValuesAllowed(true);
    }
}
