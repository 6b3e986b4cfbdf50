package io.tidemark.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line: {@code ./tidemark COMMAND}. */
@Command(
        name = "tidemark",
        description = "Kafka batch processing as a Temporal application.",
        synopsisSubcommandLabel = "COMMAND",
        version = "tidemark 0.1.0",
        subcommands = {
            LauncherCommands.Demo.class,
            LauncherCommands.Worker.class,
            RunCommand.class,
            CronCommand.class,
            ScheduleCommand.class,
            StatusCommand.class,
            ResultsCommand.class,
            ValidateCommand.class,
            TryCommand.class,
            SchemaCommand.class,
            SampleCommand.class,
            LauncherCommands.Bench.class,
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:success",
            "1:the run failed, or a server did not answer or refused the request",
            "2:wrong usage, job file or settings file; nothing was started"
        })
public final class Main {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Print this help.")
    @SuppressWarnings("unused")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the version.")
    @SuppressWarnings("unused")
    private boolean version;

    @Option(
            names = "--stack-trace",
            scope = ScopeType.INHERIT,
            hidden = true,
            description = "Print the stack trace of an error.")
    private boolean stackTrace;

    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        // Logback reads the property with the first logger. The worker's file has another name, because the demo has
        // both
        // on its class path.
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "logback-cli.xml");
        }
        // Without a locale Java prints ASCII, which lacks the characters of the bars.
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(out, err, args));
    }

    /** Runs one command and returns its exit code: 0 done, 1 failed, 2 wrong usage or job file. */
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        Main main = new Main();
        return new CommandLine(main)
                .setOut(out)
                .setErr(err)
                .setColorScheme(CommandLine.Help.defaultColorScheme(
                        Terminal.isInteractive() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF))
                .setUsageHelpAutoWidth(false)
                .setExecutionExceptionHandler((thrown, command, parsed) -> {
                    CliException failure = Failures.explain(thrown, address(command));
                    err.println("error: " + Printer.harmless(String.valueOf(failure.getMessage())));
                    if (main.stackTrace) {
                        thrown.printStackTrace(err);
                    }
                    err.flush();
                    return failure.exitCode();
                })
                .execute(args);
    }

    private static String address(CommandLine command) {
        for (CommandSpec mixin : command.getCommandSpec().mixins().values()) {
            if (mixin.userObject() instanceof TemporalOptions temporal) {
                return temporal.address();
            }
        }
        return "the address given";
    }
}
