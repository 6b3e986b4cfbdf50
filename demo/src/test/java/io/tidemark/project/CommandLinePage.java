package io.tidemark.project;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Writes docs/reference/command-line.md from the models of the commands, as picocli has them. */
final class CommandLinePage {
    /** Renews the page, whichever module this class is in. */
    static final String RENEW =
            "./mvnw -q test -Dtest=ReferenceTest -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.write";

    private static final Pattern DEFAULT = Pattern.compile("(?s)(.*?)\\s*Default: (.*?)\\.?");

    private final StringBuilder page = new StringBuilder();

    private CommandLinePage() {}

    static String text() {
        CommandLinePage made = new CommandLinePage();
        CommandLine cli = io.tidemark.cli.Main.commandLine();
        Map<String, CommandLine> elsewhere =
                io.tidemark.launch.Main.commandLine().getSubcommands();
        List<CommandLine> commands = cli.getSubcommands().entrySet().stream()
                .map(each -> elsewhere.getOrDefault(each.getKey(), each.getValue()))
                .toList();
        made.head(cli, commands);
        commands.forEach(each -> made.command(each, "##"));
        return made.page.toString();
    }

    private void head(CommandLine cli, List<CommandLine> commands) {
        line("# Command line");
        line("");
        line("This page is generated from the commands. Do not edit it; renew it with:");
        line("");
        line("```sh");
        line(RENEW);
        line("```");
        line("");
        line(
                "The launcher `./tidemark` builds what is missing and starts the command. A period is a whole number and `s`, `m`,");
        line("`h` or `d`, for example `90s`. A default such as `$NAME` is the value of that environment variable.");
        line("");
        line("| command | description |");
        line("|---|---|");
        for (CommandLine each : commands) {
            row("[" + each.getCommandName() + "](#" + each.getCommandName() + ")", description(each));
        }
        line("");
        line("## Exit codes");
        line("");
        line("| code | meaning |");
        line("|---|---|");
        cli.getCommandSpec().usageMessage().exitCodeList().forEach(this::row);
        line("");
        line("## Options of all commands");
        line("");
        options(cli.getCommandSpec().options());
    }

    private void command(CommandLine command, String heading) {
        CommandSpec spec = command.getCommandSpec();
        String name = qualified(spec);
        line("");
        line(heading + " " + name);
        line("");
        line(description(command));
        line("");
        line("```text");
        Help help = new Help(spec, Help.defaultColorScheme(Help.Ansi.OFF));
        line(help.synopsis(0).strip());
        line("```");
        List<PositionalParamSpec> parameters = spec.positionalParameters().stream()
                .filter(each -> !each.hidden())
                .toList();
        if (!parameters.isEmpty()) {
            line("");
            line("| parameter | meaning |");
            line("|---|---|");
            parameters.forEach(each -> row("`" + each.paramLabel() + "`", sentence(each)));
        }
        List<OptionSpec> own = spec.options().stream()
                .filter(each -> !each.inherited() && each.group() == null)
                .toList();
        if (own.stream().anyMatch(each -> !each.hidden())) {
            line("");
            options(own);
        }
        for (ArgGroupSpec group : spec.argGroups()) {
            line("");
            line(String.format(String.valueOf(group.heading())).strip());
            line("");
            options(group.allOptionsNested());
        }
        command.getSubcommands().values().forEach(each -> command(each, heading + "#"));
    }

    private static String qualified(CommandSpec spec) {
        return spec.qualifiedName().replaceFirst("^tidemark ", "");
    }

    private void options(List<OptionSpec> options) {
        line("| option | meaning | default |");
        line("|---|---|---|");
        options.stream()
                .filter(each -> !each.hidden())
                .sorted(Comparator.comparing(OptionSpec::longestName))
                .forEach(each -> {
                    Matcher parts = DEFAULT.matcher(description(each));
                    boolean hasDefault = parts.matches();
                    row(
                            "`" + names(each) + "`",
                            hasDefault ? parts.group(1) : description(each),
                            hasDefault ? parts.group(2) : "");
                });
    }

    private static String names(OptionSpec option) {
        List<String> names = new ArrayList<>(List.of(option.names()));
        names.sort(Comparator.comparingInt(String::length));
        String label = option.arity().max() == 0
                ? ""
                : option.arity().min() == 0 ? "[=" + option.paramLabel() + "]" : "=" + option.paramLabel();
        return String.join(", ", names) + label;
    }

    private static String sentence(ArgSpec argument) {
        return description(argument) + (argument.arity().min() == 0 ? " May be left out." : "");
    }

    private static String description(CommandLine command) {
        return String.join(" ", command.getCommandSpec().usageMessage().description());
    }

    private static String description(ArgSpec argument) {
        return String.join(" ", argument.description());
    }

    private void row(String... cells) {
        line(List.of(cells).stream()
                .map(each -> each.startsWith("`")
                        ? each.replace("|", "\\|")
                        : each.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;"))
                .collect(Collectors.joining(" | ", "| ", " |")));
    }

    private void line(String text) {
        page.append(text).append('\n');
    }
}
