package io.tidemark.project;

import static io.tidemark.project.DocumentationTest.ROOT;
import static io.tidemark.project.DocumentationTest.found;
import static io.tidemark.project.DocumentationTest.read;
import static io.tidemark.project.DocumentationTest.sources;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.envconfig.ClientConfigProfile;
import io.tidemark.fold.Fate;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.run.FailureKind;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The reference pages against the code that they describe. */
class ReferenceTest {
    private static final Path PAGES = ROOT.resolve("docs/reference");

    private static final Pattern SECTION = Pattern.compile("(?ms)^## ([^\\n]+)\\n+(.*?)(?=^## |\\z)");
    private static final Pattern KIND = Pattern.compile("(?s)/\\*\\*([^/]*?)\\*/\\s+([A-Z_]+)\\((?:true|false)\\)");
    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `([^`]+)`[^|]*\\|");
    private static final Pattern OURS = Pattern.compile("TIDEMARK_[A-Z]+(?:_[A-Z]+)*");
    private static final Pattern TEMPORALS = Pattern.compile("TEMPORAL_[A-Z_]+");
    private static final Pattern PERMISSION = Pattern.compile(
            "(?m)^\\| (topic|group|transactional id) `([^`]+)`( \\(prefix\\))?[^|]*\\| (\\w+) \\| (.*) \\|$");

    @Test
    void theCommandLineIsThatOfTheCommands() throws IOException {
        Path page = PAGES.resolve("command-line.md");
        if (System.getProperty("docs.write") != null) {
            Files.writeString(page, CommandLinePage.text());
        }

        assertThat(page).as("renew it with: " + CommandLinePage.RENEW).hasContent(CommandLinePage.text());
    }

    @ParameterizedTest
    @EnumSource(FailureKind.class)
    void everyKindOfFailureHasItsSection(FailureKind kind) {
        String section = sections("failures.md").get(kind.name());

        assertThat(section).as("## " + kind).isNotNull();
        assertThat(section.replaceAll("\\s+", " ")).startsWith(firstSentences().get(kind.name()) + " - Retried: ");
        assertThat(section)
                .contains("\n- Retried: " + (kind.retryable() ? "yes" : "no") + "\n")
                .contains("\n- Affects: ", "\n- Look at: ", "\n- Do: ");
    }

    @Test
    void everySectionIsOfAKindOfFailureInTheOrderOfTheCode() {
        assertThat(sections("failures.md").keySet())
                .containsExactlyElementsOf(
                        Stream.of(FailureKind.values()).map(Enum::name).toList());
    }

    /** Reads them from the source: Javadoc is not in the class file. */
    private static Map<String, String> firstSentences() {
        return found(KIND, read(sources("FailureKind.java").get(0))).stream()
                .collect(Collectors.toMap(
                        each -> each.group(2),
                        each -> each.group(1).replaceAll("\\s+\\* |\\s+", " ").strip()));
    }

    @Test
    void everyEnvironmentVariableOfOursIsOnThePageAndNoOther() throws IOException {
        Set<String> used = new TreeSet<>();
        try (Stream<Path> files = Files.find(
                ROOT,
                12,
                (file, attributes) -> attributes.isRegularFile()
                        && (file.toString().contains("/src/main/") || isScript(ROOT.relativize(file))))) {
            files.forEach(file -> found(OURS, text(file)).forEach(each -> used.add(each.group())));
        }

        assertThat(firstCells("settings.md", OURS)).isEqualTo(used);
    }

    private static boolean isScript(Path file) {
        return Set.of("tidemark", ".ci/run", "docker-compose.yml").contains(file.toString())
                || file.endsWith("Dockerfile");
    }

    /** The library has no list of them; its class file has their names. */
    @Test
    void everyEnvironmentVariableOfTemporalIsOnThePageAndNoOther() throws IOException {
        String jar = ClientConfigProfile.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
        Set<String> read = new TreeSet<>();
        try (JarFile classes = new JarFile(jar)) {
            for (String name : classes.stream()
                    .map(Object::toString)
                    .filter(each -> each.endsWith(".class"))
                    .toList()) {
                byte[] bytes = classes.getInputStream(classes.getEntry(name)).readAllBytes();
                found(TEMPORALS, new String(bytes, StandardCharsets.ISO_8859_1))
                        .forEach(each -> read.add(each.group()));
            }
        }

        assertThat(firstCells("settings.md", TEMPORALS)).isEqualTo(read);
    }

    @ParameterizedTest
    @CsvSource({
        "'badRecords: deadLetter', badRecords=skip",
        "'output.grow: true', output.grow=false",
        "'start: { group: G }', start=earliest",
        "'nothing of the kind', limits.cells=10"
    })
    void permissionsAreThoseThatValidatePrints(String condition, String without, @TempDir Path folder)
            throws IOException {
        Path job = Files.writeString(folder.resolve("job.yaml"), """
                name: j
                input: { topic: I }
                window: day
                aggregate: { n: count }
                output: { topic: O, grow: true }
                start: { group: G }
                """);
        StringWriter out = new StringWriter();
        io.tidemark.cli.Main.run(
                new PrintWriter(out), new PrintWriter(out), "validate", job.toString(), "--json", "--set", without);
        Set<String> printed = new TreeSet<>();
        for (JsonNode each : new ObjectMapper().readTree(out.toString()).path("permissions")) {
            if (each.path("optional").asBoolean()) {
                assertThat(String.valueOf(sections("permissions.md").get("Optional")))
                        .contains("topic `" + each.path("name").asText() + "` | "
                                + each.path("operations").asText());
                continue;
            }
            Arrays.stream(each.path("operations").asText().split(", "))
                    .forEach(operation -> printed.add(each.path("resource").asText() + " "
                            + each.path("name").asText() + " " + operation));
        }

        Set<String> onThePage = new TreeSet<>();
        found(PERMISSION, String.valueOf(sections("permissions.md").get("Needed"))).stream()
                .filter(each -> !each.group(5).contains("Only with `" + condition + "`"))
                .forEach(each -> onThePage.add(permission(each)));
        assertThat(onThePage).isEqualTo(printed);
    }

    private static String permission(MatchResult row) {
        String prefix = row.group(3) == null ? "" : row.group(3);
        return row.group(1) + " " + row.group(2).replace("J", "j") + prefix + " " + row.group(4);
    }

    @Test
    void everyReasonOfADeadLetterIsOnThePageAndNoOther() {
        assertThat(firstCells("output.md", Pattern.compile("[A-Z_]+")))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(Stream.of(MalformedRecordException.Reason.values()), Stream.of(Fate.LATE))
                                .map(Enum::name)
                                .toList());
    }

    /** Text of each section by its heading, in the order of the page. */
    private static Map<String, String> sections(String page) {
        Map<String, String> sections = new LinkedHashMap<>();
        found(SECTION, read(PAGES.resolve(page))).forEach(each -> sections.put(each.group(1), each.group(2)));
        return sections;
    }

    /** What the rows of a page's tables begin with, where it is of this form. */
    private static Set<String> firstCells(String page, Pattern form) {
        return found(FIRST_CELL, read(PAGES.resolve(page))).stream()
                .map(each -> each.group(1).replace("*", ""))
                .filter(each -> form.matcher(each).matches())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A file that may not be text. */
    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
