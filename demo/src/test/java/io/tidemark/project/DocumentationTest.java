package io.tidemark.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.tidemark.settings.KafkaSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What the documents claim and a machine can check: commands, links, job files, settings, tests and classes. */
class DocumentationTest {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Set<String> IN_THIS_MODULE =
            Set.of("worker", "exporter", "demo", "bench", "completion", "man");
    private static final CommandLine WITH_WORKER = io.tidemark.launch.Main.commandLine();
    private static final CommandLine COMMANDS = new CommandLine(io.tidemark.cli.Main.class);

    static final Pattern FENCE = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");
    private static final Pattern INLINE = Pattern.compile("`(\\./tidemark [^`…]+)`");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");
    private static final Pattern TEST_METHOD = Pattern.compile("`(\\w+(?:Test|IT))(?:\\.(\\w+))?`");
    private static final Pattern PROFILE = Pattern.compile("-P(\\w+(?:-\\w+)*)");

    /** A piece of a document, named so that a failure shows where to look. */
    private record Claim(Path file, String text) {
        @Override
        public String toString() {
            return ROOT.relativize(file) + ": " + text.strip();
        }
    }

    private static List<Path> documents() {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(top, docs)
                    .filter(each -> each.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Claim> commands() {
        List<Claim> commands = new ArrayList<>();
        for (Path file : documents()) {
            for (Claim block : blocks(file, "sh")) {
                for (String line : block.text().replace("\\\n", " ").split("\n")) {
                    if (line.startsWith("./tidemark ")) {
                        commands.add(new Claim(file, line.replaceFirst("\\s[#|>].*", "")));
                    }
                }
            }
            found(INLINE, read(file)).forEach(each -> commands.add(new Claim(file, each.group(1))));
        }
        return commands;
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandLineIsOneThatTheProgramTakes(Claim claim) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(claim.text());
        while (matcher.find()) {
            words.add(Stream.of(matcher.group(1), matcher.group(2), matcher.group(3))
                    .filter(each -> each != null)
                    .collect(Collectors.joining()));
        }
        String[] arguments = words.subList(1, words.size()).toArray(new String[0]);
        CommandLine program = IN_THIS_MODULE.contains(arguments[0]) ? WITH_WORKER : COMMANDS;

        assertThatCode(() -> program.parseArgs(arguments)).doesNotThrowAnyException();
    }

    static List<Claim> links() {
        List<Claim> links = new ArrayList<>();
        for (Path file : documents()) {
            found(LINK, FENCE.matcher(read(file)).replaceAll("")).stream()
                    .map(each -> each.group(1))
                    .filter(each -> !each.contains("://"))
                    .forEach(each -> links.add(new Claim(file, each)));
        }
        return links;
    }

    @ParameterizedTest
    @MethodSource("links")
    void everyLinkLeadsSomewhere(Claim claim) {
        String[] parts = claim.text().split("#", 2);
        Path target = parts[0].isEmpty()
                ? claim.file()
                : claim.file().resolveSibling(parts[0]).normalize();

        assertThat(target).exists();
        if (parts.length == 2) {
            assertThat(anchors(target)).contains(parts[1]);
        }
    }

    static List<Claim> jobs() {
        return documents().stream()
                .flatMap(file -> blocks(file, "yaml").stream())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void everyJobIsOneThatTheProgramTakes(Claim claim, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("job.yaml"), claim.text());
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();

        int exitCode =
                io.tidemark.cli.Main.run(new PrintWriter(out), new PrintWriter(err), "validate", file.toString());

        assertThat(err.toString()).isEmpty();
        assertThat(exitCode).isZero();
    }

    @Test
    void everyFileOfKafkaSettingsIsTakenWithoutAWarning(@TempDir Path folder) throws IOException {
        for (String name : List.of("ca.pem", "service.cert", "service.key")) {
            Files.writeString(folder.resolve(name), "-----BEGIN PRIVATE KEY-----");
        }
        for (Path document : documents()) {
            for (Claim block : blocks(document, "properties")) {
                String text = block.text().replace("/etc/tidemark", folder.toString());
                Path file = Files.writeString(folder.resolve("kafka.config"), text);

                assertThat(KafkaSettings.load(file, null, null).warnings())
                        .as(block.toString())
                        .isEmpty();
            }
        }
    }

    static List<Claim> tests() {
        return documents().stream()
                .flatMap(file -> found(TEST_METHOD, read(file)).stream().map(each -> new Claim(file, each.group())))
                .distinct()
                .toList();
    }

    @ParameterizedTest
    @MethodSource("tests")
    void everyTestThatIsNamedExists(Claim claim) {
        MatchResult name = found(TEST_METHOD, claim.text()).get(0);
        List<Path> sources = sources(name.group(1) + ".java");

        assertThat(sources).isNotEmpty();
        if (name.group(2) != null) {
            assertThat(read(sources.get(0))).containsPattern("\\bvoid " + name.group(2) + "\\(");
        }
    }

    @Test
    void everyProfileThatIsNamedExists() {
        String poms = read(ROOT.resolve("pom.xml")) + read(ROOT.resolve("engine/pom.xml"));
        for (Path file : documents()) {
            for (MatchResult each : found(PROFILE, read(file))) {
                assertThat(poms).as(file.toString()).contains("<id>" + each.group(1) + "</id>");
            }
        }
    }

    /** A pattern that finds nothing would make every test above a test of nothing. */
    @Test
    void thereIsSomethingToCheck() {
        assertThat(commands()).hasSizeGreaterThan(10);
        assertThat(links()).hasSizeGreaterThan(50);
        assertThat(tests()).hasSizeGreaterThan(30);
        assertThat(jobs()).isNotEmpty();
        assertThat(documents().stream().flatMap(file -> blocks(file, "properties").stream()))
                .isNotEmpty();
    }

    private static List<Claim> blocks(Path file, String language) {
        return found(FENCE, read(file)).stream()
                .filter(each -> each.group(1).equals(language))
                .map(each -> new Claim(file, each.group(2)))
                .toList();
    }

    /** As GitHub makes them: lower case, no punctuation, hyphens for spaces. */
    private static List<String> anchors(Path file) {
        return found(HEADING, FENCE.matcher(read(file)).replaceAll("")).stream()
                .map(each -> each.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    /** All files of the checkout by name, found once for hundreds of questions. */
    private static final class Sources {
        private static final Map<String, List<Path>> BY_NAME = find();

        private static Map<String, List<Path>> find() {
            try (Stream<Path> files = Files.find(ROOT, 12, (file, attributes) -> attributes.isRegularFile())) {
                return files.collect(
                        Collectors.groupingBy(file -> file.getFileName().toString()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static List<Path> sources(String name) {
        return Sources.BY_NAME.getOrDefault(name, List.of());
    }

    static List<MatchResult> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
