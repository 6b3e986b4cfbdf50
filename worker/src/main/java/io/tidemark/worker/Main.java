package io.tidemark.worker;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The commands that need more than a command line: {@code worker}, and where they are built in, demo and bench. */
@Command(
        name = "tidemark",
        description = "Kafka batch processing as a Temporal application.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = WorkerCommand.class)
public final class Main {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Print this help.")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    private Main() {}

    /** Runs one command and ends the process with its exit code: 0 done, 1 failed, 2 wrong usage. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandLine commands = new CommandLine(new Main());
        // These two need the embedded servers, which are neither in the worker's single jar nor on its own class path.
        addIfPresent(commands, "demo", "io.tidemark.demo.DemoCommand");
        addIfPresent(commands, "bench", "io.tidemark.bench.BenchCommand");
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        return commands.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("error: " + failure.getMessage());
            return failure instanceof IllegalArgumentException
                    ? CommandLine.ExitCode.USAGE
                    : CommandLine.ExitCode.SOFTWARE;
        });
    }

    private static void addIfPresent(CommandLine commands, String name, String className) {
        try {
            commands.addSubcommand(name, Class.forName(className));
        } catch (ClassNotFoundException | NoClassDefFoundError e) {
            // Not here, or without the servers that it needs.
        }
    }
}
