package io.tidemark.cli;

import io.tidemark.job.form.Spelling;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what the runbook and the reference say about a kind of failure or an alert. */
@Command(
        name = "explain",
        description = "Explain a kind of failure, such as RETENTION_GAP, or an alert: what it means and what to do.",
        sortOptions = false)
final class ExplainCommand implements Callable<Integer> {
    private static final Pattern SECTION = Pattern.compile("(?ms)^(##+) ([A-Za-z_]+)\\n+(.*?)(?=^##+ |\\z)");
    private static final Pattern LINK = Pattern.compile("\\[([^\\]]+)]\\(([^)]*)\\)");

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "KIND",
            description = "Kind of failure, or name of an alert. Upper and lower case are the same.")
    private @Nullable String kind;

    @Option(names = "--list", description = "List all kinds of failure and all alerts.")
    private boolean list;

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        // Of the pages in docs/, which the build packs.
        Map<String, String> runbook = sections("runbook.md");
        Map<String, String> reference = sections("failures.md");
        if (list) {
            if (print.json()) {
                print.printer().json(runbook.keySet());
            } else {
                runbook.keySet().forEach(print.printer()::line);
            }
            return ExitCode.DONE.code();
        }
        String name = find(runbook);
        String first = runbook.getOrDefault(name, "");
        String second = reference.getOrDefault(name, "");
        if (print.json()) {
            print.printer().json(Map.of("kind", name, "runbook", first, "reference", second));
        } else {
            print.printer().line(name);
            for (String text : List.of(first, second)) {
                if (!text.isEmpty()) {
                    print.printer().line("");
                    text.lines().forEach(print.printer()::line);
                }
            }
        }
        return ExitCode.DONE.code();
    }

    private String find(Map<String, String> sections) {
        if (kind == null) {
            throw CliException.usage("give a kind of failure, such as RETENTION_GAP, or --list");
        }
        String wanted = kind.replace('-', '_');
        return sections.keySet().stream()
                .filter(each -> each.equalsIgnoreCase(wanted))
                .findFirst()
                .orElseThrow(() -> {
                    String hint = Spelling.hint(wanted, sections.keySet());
                    return CliException.usage(kind + " is neither a kind of failure nor an alert"
                            + (hint.isEmpty() ? "; ./tidemark explain --list shows all" : hint));
                });
    }

    /** Returns the text of each section by its heading, in the order of the page. */
    private static Map<String, String> sections(String page) {
        Map<String, String> sections = new LinkedHashMap<>();
        Matcher found = SECTION.matcher(text(page));
        while (found.find()) {
            sections.put(found.group(2), plain(found.group(3)));
        }
        // A heading over other sections has no text, and is no kind.
        sections.values().removeIf(String::isEmpty);
        return sections;
    }

    private static String text(String page) {
        try (InputStream file = ExplainCommand.class.getResourceAsStream(page)) {
            if (file == null) {
                throw new IllegalStateException("the build did not pack docs/" + page);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns Markdown for a terminal: without fences, and with the text of links only. */
    private static String plain(String markdown) {
        return LINK.matcher(markdown.replaceAll("\\[More]\\([^)]*\\)", "").replaceAll("(?m)^```.*\\n", ""))
                .replaceAll("$1")
                .replaceAll("(?m) +$", "")
                .strip();
    }
}
