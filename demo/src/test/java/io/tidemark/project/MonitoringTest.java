package io.tidemark.project;

import static io.tidemark.project.DocumentationTest.ROOT;
import static io.tidemark.project.DocumentationTest.found;
import static io.tidemark.project.DocumentationTest.read;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.run.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The files in monitoring/, as far as they can be checked without Prometheus. {@code .ci/alerts} runs the tests of the rules;
 * {@code MetricsIT} compares the names of metrics with those of a worker.
 */
class MonitoringTest {
    private static final Path FOLDER = ROOT.resolve("monitoring");
    private static final String RULES = read(FOLDER.resolve("rules.yaml"));
    private static final Pattern ALERT =
            Pattern.compile("(?ms)^ {6}- alert: (\\w+)\\n(.*?)(?=^ {6}(?:-|#)|^ {2}-|\\z)");
    private static final Pattern TESTED = Pattern.compile("alertname: (\\w+)");
    private static final Pattern HEADING = Pattern.compile("(?m)^### (\\w+)$");

    @Test
    void theRunbookHasASectionForEachAlertAndEachKindOfFailureAndNoOther() {
        List<String> expected = Stream.concat(
                        found(ALERT, RULES).stream().map(each -> each.group(1)),
                        Stream.of(FailureKind.values()).map(Enum::name))
                .toList();

        assertThat(found(HEADING, read(ROOT.resolve("docs/runbook.md"))).stream()
                        .map(each -> each.group(1)))
                .containsExactlyElementsOf(expected);
    }

    @Test
    void eachAlertHasASeverityASummaryAndItsSectionOfTheRunbook() {
        assertThat(found(ALERT, RULES))
                .hasSizeGreaterThan(5)
                .allSatisfy(each -> assertThat(each.group(2))
                        .containsPattern("labels: \\{ severity: (page|ticket) }")
                        .containsPattern("summary: .+")
                        .contains(
                                "runbook_url: docs/runbook.md#" + each.group(1).toLowerCase(Locale.ROOT) + "\n"));
    }

    @Test
    void eachAlertHasATest() {
        assertThat(names(TESTED, read(FOLDER.resolve("rules-test.yaml")))).isEqualTo(names(ALERT, RULES));
    }

    static List<Path> dashboards() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER.resolve("dashboards"))) {
            return files.sorted().toList();
        }
    }

    /** The rules of Grafana's dashboard linter that matter here. */
    @ParameterizedTest
    @MethodSource("dashboards")
    void aDashboardFitsAnyPrometheusAndAnyJob(Path file) throws IOException {
        JsonNode dashboard = new ObjectMapper().readTree(file.toFile());
        assertThat(dashboard.path("title").asText()).startsWith("Tidemark");
        assertThat(dashboard
                        .path("templating")
                        .path("list")
                        .path(0)
                        .path("type")
                        .asText())
                .isEqualTo("datasource");
        Set<String> titles = new TreeSet<>();
        assertThat(dashboard.path("panels")).isNotEmpty().allSatisfy(panel -> {
            String title = panel.path("title").asText();
            assertThat(titles.add(title)).as("one panel is named '%s'", title).isTrue();
            assertThat(panel.path("description").asText()).as(title).isNotEmpty();
            assertThat(panel.path("datasource").path("uid").asText()).as(title).isEqualTo("${datasource}");
            assertThat(panel.path("fieldConfig").path("defaults").path("unit").asText())
                    .as(title)
                    .isNotEmpty();
            assertThat(panel.path("targets")).as(title).isNotEmpty().allSatisfy(target -> {
                String query = target.path("expr").asText();
                assertThat(query).doesNotContainPattern("\\[\\d+[smhd]]").doesNotContainPattern("job_name=\"");
                if (query.contains("rate(") || query.contains("increase(")) {
                    assertThat(query).containsPattern("\\[\\$__(rate_interval|range)]");
                }
            });
        });
    }

    private static Set<String> names(Pattern pattern, String text) {
        return found(pattern, text).stream().map(each -> each.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }
}
