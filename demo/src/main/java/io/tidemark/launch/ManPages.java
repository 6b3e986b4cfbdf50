package io.tidemark.launch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Man pages in roff, made from the models of the commands. */
final class ManPages {
    private final StringBuilder page = new StringBuilder();

    private ManPages() {}

    /** Returns the text of each page by its file name, such as {@code tidemark-schedule-create.1}. */
    static Map<String, String> of(CommandLine program) {
        Map<String, String> pages = new LinkedHashMap<>();
        add(program, program, pages);
        return pages;
    }

    private static void add(CommandLine program, CommandLine command, Map<String, String> pages) {
        ManPages made = new ManPages();
        made.write(program, command);
        pages.put(name(command) + ".1", made.page.toString());
        subcommands(command).forEach(each -> add(program, each, pages));
    }

    /** Without the second names of commands. */
    private static Set<CommandLine> subcommands(CommandLine command) {
        return new LinkedHashSet<>(command.getSubcommands().values());
    }

    private static String name(CommandLine command) {
        return command.getCommandSpec().qualifiedName("-");
    }

    private void write(CommandLine program, CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        String name = name(command);
        List<String> description = List.of(spec.usageMessage().description());
        macro("TH", quoted(name.toUpperCase(Locale.ROOT)) + " 1 \"\" " + quoted(version(program)) + " \"Tidemark\"");
        section("NAME");
        text(name + " - " + firstSentence(String.join(" ", description)));
        section("SYNOPSIS");
        Help help = new Help(spec, Help.defaultColorScheme(Help.Ansi.OFF));
        text(help.synopsis(0).strip().replaceAll("\\s+", " "));
        section("DESCRIPTION");
        description.forEach(this::paragraph);
        arguments(spec);
        if (!command.getSubcommands().isEmpty()) {
            section("COMMANDS");
            for (CommandLine each : subcommands(command)) {
                item(
                        "\\fB" + escaped(each.getCommandName()) + "\\fR",
                        firstSentence(String.join(
                                " ", each.getCommandSpec().usageMessage().description())));
            }
        }
        List<String> footer = List.of(spec.usageMessage().footer());
        if (!footer.isEmpty()) {
            section("NOTES");
            macro("nf", "");
            footer.stream().filter(each -> !each.isBlank()).forEach(this::text);
            macro("fi", "");
        }
        section("EXIT STATUS");
        program.getCommandSpec()
                .usageMessage()
                .exitCodeList()
                .forEach((code, meaning) -> item(escaped(code.strip()), meaning));
        section("SEE ALSO");
        List<String> others = new ArrayList<>();
        if (spec.parent() != null) {
            others.add(name(spec.parent().commandLine()) + "(1)");
        }
        subcommands(command).forEach(each -> others.add(name(each) + "(1)"));
        text(String.join(", ", others));
    }

    private void arguments(CommandSpec spec) {
        List<PositionalParamSpec> parameters = spec.positionalParameters().stream()
                .filter(each -> !each.hidden())
                .toList();
        if (!parameters.isEmpty()) {
            section("PARAMETERS");
            parameters.forEach(each -> item("\\fI" + escaped(each.paramLabel()) + "\\fR", description(each)));
        }
        List<OptionSpec> options = spec.options().stream()
                .filter(each -> !each.hidden())
                .sorted(Comparator.comparing(OptionSpec::longestName))
                .toList();
        if (!options.isEmpty()) {
            section("OPTIONS");
            options.forEach(each -> item(names(each), description(each)));
        }
    }

    private static String names(OptionSpec option) {
        List<String> names = new ArrayList<>();
        for (String each : option.names()) {
            names.add("\\fB" + escaped(each) + "\\fR");
        }
        String value = "\\fI" + escaped(option.paramLabel()) + "\\fR";
        return String.join(", ", names)
                + (option.arity().max() == 0 ? "" : option.arity().min() == 0 ? "[=" + value + "]" : "=" + value);
    }

    private static String description(ArgSpec argument) {
        return String.join(" ", argument.description());
    }

    /** A page's NAME is one line: what follows the first full stop or colon is in the description. */
    private static String firstSentence(String text) {
        return text.split("(?<=[^.])\\.( |$)", 2)[0];
    }

    private static String version(CommandLine program) {
        String[] version = program.getCommandSpec().version();
        return version.length == 0 ? "tidemark" : version[0];
    }

    private void section(String heading) {
        macro("SH", quoted(heading));
    }

    private void paragraph(String text) {
        macro("PP", "");
        text(text);
    }

    private void item(String term, String text) {
        macro("TP", "");
        page.append(term).append('\n');
        text(text);
    }

    private void text(String text) {
        page.append(escaped(text)).append('\n');
    }

    private void macro(String name, String arguments) {
        page.append('.')
                .append(name)
                .append(arguments.isEmpty() ? "" : " ")
                .append(arguments)
                .append('\n');
    }

    private static String quoted(String text) {
        return "\"" + escaped(text).replace("\"", "\\(dq") + "\"";
    }

    /** A backslash begins an escape; a plain hyphen would become a dash; a full stop or quote at the start, a macro. */
    private static String escaped(String text) {
        String safe = text.replace("\\", "\\e").replace("-", "\\-");
        return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
    }
}
