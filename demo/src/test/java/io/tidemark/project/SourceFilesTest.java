package io.tidemark.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The size of source files, and what they have in common. */
class SourceFilesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** So many equal lines are an idea that has no place of its own. */
    private static final int SHARED = 8;

    /** A longer file contains more than one idea. */
    @Test
    void noFileHasMoreThan500Lines() throws IOException {
        Map<Path, List<String>> files = files("src");

        assertThat(files).hasSizeGreaterThan(300);
        assertThat(files)
                .allSatisfy(
                        (file, lines) -> assertThat(lines.size()).as("%s", file).isLessThanOrEqualTo(500));
    }

    /** Not of tests: a test class has a story for each way to use what it tests. */
    @Test
    void theMedianFileHasAtMost85Lines() throws IOException {
        List<Integer> lengths =
                files("src/main").values().stream().map(List::size).sorted().toList();

        assertThat(lengths.get(lengths.size() / 2)).isLessThanOrEqualTo(85);
    }

    @Test
    void noTwoPlacesShareEightLines() throws IOException {
        assertThat(shared(files("src/main"))).isEmpty();
    }

    @Test
    void eightEqualLinesAreFound() {
        List<String> lines =
                Stream.of("a", "b", "c", "d", "", "e", "f", "g", "h").toList();

        assertThat(shared(new TreeMap<>(Map.of(Path.of("A"), lines, Path.of("B"), lines))))
                .containsExactly("A:1 and B:1 begin with: a");
        assertThat(shared(new TreeMap<>(Map.of(Path.of("A"), lines, Path.of("B"), lines.subList(1, 9)))))
                .isEmpty();
    }

    /** See {@link io.tidemark.embedded.Producers}: others may wait two minutes at a new topic, and then drop records. */
    @Test
    void testsMakeProducersInOnePlace() throws IOException {
        assertThat(files("src/test"))
                .allSatisfy((file, lines) ->
                        assertThat(lines).as("%s", file).noneMatch(line -> line.contains("new KafkaProducer" + "<")));
    }

    @Test
    void theReadmeHasAtMost200Lines() throws IOException {
        assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(200);
    }

    /**
     * Returns where two places share {@link #SHARED} lines. Imports, empty lines and those with one name of a list do not count:
     * whoever creates a record with thirty components names them in the order in which they are declared.
     */
    private static List<String> shared(Map<Path, List<String>> files) {
        Map<List<String>, String> places = new HashMap<>();
        List<String> found = new ArrayList<>();
        files.forEach((file, lines) -> {
            List<String> texts = new ArrayList<>();
            List<Integer> numbers = new ArrayList<>();
            for (int i = 0; i < lines.size(); i++) {
                String text = lines.get(i).strip();
                if (!text.isEmpty() && !text.matches("(import|package) .*|\\w+,")) {
                    texts.add(text);
                    numbers.add(i + 1);
                }
            }
            for (int i = 0; i + SHARED <= texts.size(); i++) {
                List<String> run = List.copyOf(texts.subList(i, i + SHARED));
                String place = file + ":" + numbers.get(i);
                String other = places.putIfAbsent(run, place);
                if (other != null) {
                    found.add(other + " and " + place + " begin with: " + run.get(0));
                }
            }
        });
        return found;
    }

    private static Map<Path, List<String>> files(String folder) throws IOException {
        Map<Path, List<String>> files = new TreeMap<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.filter(each -> Files.isDirectory(each.resolve(folder)))
                    .toList()) {
                try (Stream<Path> sources = Files.walk(module.resolve(folder))) {
                    for (Path each : sources.filter(file -> file.toString().endsWith(".java"))
                            .toList()) {
                        files.put(ROOT.relativize(each), Files.readAllLines(each));
                    }
                }
            }
        }
        return files;
    }
}
