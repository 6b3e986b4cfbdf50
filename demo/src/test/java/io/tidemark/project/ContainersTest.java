package io.tidemark.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.embedded.TemporalBinary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the container files say and a machine without Docker can check. {@code .ci/compose} runs them. */
class ContainersTest {
    private static List<Rule> rules = List.of();

    /** A line of the ignore file: a path that matches, or a folder above it that matches, is left out or taken back. */
    private record Rule(Pattern path, boolean leavesOut) {
        static Rule of(String line) {
            boolean takesBack = line.startsWith("!");
            StringBuilder regex = new StringBuilder();
            String glob = line.substring(takesBack ? 1 : 0);
            for (int i = 0; i < glob.length(); i++) {
                if (glob.startsWith("**/", i)) {
                    regex.append("(.*/)?");
                    i += 2;
                } else if (glob.startsWith("**", i)) {
                    regex.append(".*");
                    i++;
                } else if (glob.charAt(i) == '*') {
                    regex.append("[^/]*");
                } else if (glob.charAt(i) == '?') {
                    regex.append("[^/]");
                } else {
                    regex.append(Pattern.quote(glob.substring(i, i + 1)));
                }
            }
            return new Rule(Pattern.compile(regex + "(/.*)?"), !takesBack);
        }
    }

    @BeforeAll
    static void readIgnoreFile() throws IOException {
        rules = Files.readAllLines(DocumentationTest.ROOT.resolve(".dockerignore")).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .map(Rule::of)
                .toList();
    }

    /** As in Docker, the last rule that matches decides. */
    private static boolean isLeftOut(String path) {
        boolean leftOut = false;
        for (Rule rule : rules) {
            if (rule.path().matcher(path).matches()) {
                leftOut = rule.leavesOut();
            }
        }
        return leftOut;
    }

    @Test
    void theImageBuildGetsEveryFileThatGitListsExceptTests() throws IOException, InterruptedException {
        assumeTrue(Files.exists(DocumentationTest.ROOT.resolve(".git")), "not a checkout");
        Process git = new ProcessBuilder("git", "-c", "core.quotePath=false", "ls-files")
                .directory(DocumentationTest.ROOT.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> files = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(file -> !file.contains("/src/test/"))
                .toList();

        assertThat(git.waitFor()).isZero();
        assertThat(files).contains("pom.xml", "mvnw", ".mvn/jvm.config", "worker/pom.xml");
        assertThat(files).filteredOn(ContainersTest::isLeftOut).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".git/config",
                "target/tidemark-build",
                "worker/target/tidemark-worker.jar",
                "kafka_server.config",
                "jobs/kafka_server.config",
                ".env",
                "client.pem",
                "secrets/client.key",
                "secrets/kafka.keystore",
                "secrets/kafka.jks"
            })
    void theImageBuildGetsNoBuildsAndNoSecrets(String path) {
        assertThat(isLeftOut(path)).isTrue();
    }

    @Test
    void theComposeFileNamesTheVersionsOfItsImages() throws IOException {
        String compose = Files.readString(DocumentationTest.ROOT.resolve("docker-compose.yml"));
        List<String> images = Pattern.compile("(?m)^ +image: (\\S+)$")
                .matcher(compose)
                .results()
                .map(MatchResult::group)
                .map(line -> line.replaceFirst(".*: ", ""))
                .filter(image -> !image.startsWith("tidemark-"))
                .toList();

        assertThat(images)
                .hasSize(4)
                .allMatch(image -> image.matches("\\S+:v?\\d+\\.\\d+\\.\\d+"))
                .contains("temporalio/temporal:" + TemporalBinary.VERSION);
    }
}
