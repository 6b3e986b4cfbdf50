package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.settings.BuildInfo;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line: {@code ./tidemark COMMAND}. */
@Command(
        name = "tidemark",
        description = "Kafka batch processing as a Temporal application.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Main.Version.class,
        subcommands = {
            LauncherCommands.Demo.class,
            LauncherCommands.Worker.class,
            LauncherCommands.Exporter.class,
            RunCommand.class,
            CronCommand.class,
            ScheduleCommand.class,
            StatusCommand.class,
            RunsCommand.class,
            LagCommand.class,
            ReportCommand.class,
            CancelCommand.class,
            ResultsCommand.class,
            ValidateCommand.class,
            TryCommand.class,
            PlanCommand.class,
            SchemaCommand.class,
            SampleCommand.class,
            DoctorCommand.class,
            ExplainCommand.class,
            LauncherCommands.Bench.class,
            LauncherCommands.Completion.class,
            LauncherCommands.Man.class,
        },
        exitCodeListHeading = "%nExit codes:%n")
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

    private final @Nullable RunPreviewer previewer;

    /** A program without a planner; picocli makes a new one for each command line that it parses. */
    private Main() {
        this(null);
    }

    private Main(@Nullable RunPreviewer previewer) {
        this.previewer = previewer;
    }

    /** Returns what the command {@code plan} asks, or null in a program without a planner. */
    @Nullable
    RunPreviewer previewer() {
        return previewer;
    }

    /** Says which build this is, for a report of a problem. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"tidemark " + BuildInfo.current().text()};
        }
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        start(null, args);
    }

    /** The same in a program that has a planner. */
    public static void start(@Nullable RunPreviewer previewer, String[] args) {
        // Logback reads the property with the first logger. The worker's file has another name, because the demo has
        // both on its class path.
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "logback-cli.xml");
        }
        // Without a locale Java prints ASCII, which lacks the characters of the bars.
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        Interruption.install(err);
        System.exit(run(previewer, out, err, args));
    }

    /** Returns the model of the commands, for help and documentation. */
    public static CommandLine commandLine() {
        return commandLine(new Main());
    }

    private static CommandLine commandLine(Main main) {
        CommandLine program = new CommandLine(main);
        program.getCommandSpec().usageMessage().exitCodeList(ExitCode.meanings());
        return program;
    }

    /** Runs one command and returns its exit code; see {@link ExitCode}. */
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        return run(null, out, err, args);
    }

    /** The same in a program that has a planner. */
    public static int run(@Nullable RunPreviewer previewer, PrintWriter out, PrintWriter err, String... args) {
        Main main = new Main(previewer);
        CommandLine program = commandLine(main);
        boolean json = List.of(args).contains("--json");
        IParameterExceptionHandler usage = program.getParameterExceptionHandler();
        return program.setOut(out)
                .setErr(err)
                .setColorScheme(CommandLine.Help.defaultColorScheme(
                        Terminal.isInteractive() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF))
                .setUsageHelpAutoWidth(false)
                .setParameterExceptionHandler((wrong, arguments) -> {
                    if (json) {
                        new Printer(out).json(error(CliException.usage(String.valueOf(wrong.getMessage()))));
                    }
                    return usage.handleParseException(wrong, arguments);
                })
                .setExecutionExceptionHandler((thrown, command, parsed) -> {
                    CliException failure = Failures.explain(thrown, address(command));
                    if (json) {
                        new Printer(out).json(error(failure));
                    }
                    err.println("error: " + Printer.harmless(String.valueOf(failure.getMessage())));
                    if (main.stackTrace) {
                        thrown.printStackTrace(err);
                    }
                    err.flush();
                    return failure.exitCode().code();
                })
                .execute(args);
    }

    /** With {@code --json} a program that reads standard output finds the reason there too. */
    private static ObjectNode error(CliException failure) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putObject("error")
                .put("kind", failure.exitCode().name())
                .put("exitCode", failure.exitCode().code())
                .put("message", failure.getMessage());
        return json;
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
