package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the engine's unit tests once more in other JVMs. Two workers must write the same bytes whatever their locale, time
 * zone and JDK are, and the golden files hold these bytes.
 */
@Timeout(600)
class OtherEnvironmentsIT {
    private static final Pattern FOUND = Pattern.compile("\\[ *(\\p{Nd}+) tests successful +]");

    private static final Path THIS_JDK = Path.of(System.getProperty("java.home"));

    /** The output of a run of the unit tests, and how it ended. */
    private record Run(int exitCode, String output) {}

    private static Future<Run> egyptAndNepal;
    private static Optional<Future<Run>> newestJdk;

    /** Both at the same time: the tests of one JVM use one core. */
    @BeforeAll
    static void startBoth() {
        // Arabic writes other digits, and Nepal's offset of 5:45 h is not a multiple of an hour.
        egyptAndNepal = start(THIS_JDK, "-Duser.language=ar", "-Duser.country=EG", "-Duser.timezone=Asia/Kathmandu");
        newestJdk = newestJdk().map(jdk -> start(jdk));
    }

    @Test
    void theUnitTestsPassInEgyptAndNepal() throws Exception {
        assertPassed(egyptAndNepal.get());
    }

    @Test
    void theUnitTestsPassOnTheNewestJdk() throws Exception {
        assumeTrue(
                newestJdk.isPresent(),
                "skipped: no JDK newer than " + Runtime.version().feature() + " is installed beside this one");

        assertPassed(newestJdk.orElseThrow().get());
    }

    private static void assertPassed(Run run) {
        assertThat(run.exitCode()).as(run.output()).isZero();
        Matcher found = FOUND.matcher(run.output());
        assertThat(found.find()).as(run.output()).isTrue();
        assertThat(Integer.parseInt(found.group(1))).isGreaterThan(500);
    }

    private static Future<Run> start(Path jdk, String... flags) {
        List<String> command = new ArrayList<>();
        command.add(jdk.resolve("bin/java").toString());
        // The build has run each property many times; a few tries show that the environment changes nothing.
        command.addAll(List.of("-Xmx1g", "-XX:+UseSerialGC", "-Djqwik.tries.default=50"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of("org.junit.platform.console.ConsoleLauncher", "execute", "--disable-banner"));
        command.addAll(List.of("--details=summary", "--disable-ansi-colors", "--scan-classpath=target/test-classes"));
        return CompletableFuture.supplyAsync(() -> {
            try {
                Process process =
                        new ProcessBuilder(command).redirectErrorStream(true).start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return new Run(process.waitFor(), output);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("cannot run " + command.get(0), e);
            }
        });
    }

    /** The newest JDK that is newer than this one, in the folders where installers put them. */
    private static Optional<Path> newestJdk() {
        Path home = Path.of(System.getProperty("user.home"));
        return Stream.of(
                        Path.of(System.getProperty("java.home"))
                                .toAbsolutePath()
                                .getParent(),
                        Path.of("/usr/lib/jvm"),
                        Path.of("/opt"),
                        home.resolve(".sdkman/candidates/java"),
                        home.resolve(".jdks"),
                        Path.of("/Library/Java/JavaVirtualMachines"))
                .flatMap(OtherEnvironmentsIT::children)
                .flatMap(each -> Stream.of(each, each.resolve("Contents/Home")))
                .filter(each -> Files.isExecutable(each.resolve("bin/java")))
                .filter(each -> feature(each) > Runtime.version().feature())
                .max(Comparator.comparingInt(OtherEnvironmentsIT::feature));
    }

    private static Stream<Path> children(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList().stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    /** The feature version of a JDK, such as 17, from its file {@code release}; 0 if it has none. */
    private static int feature(Path jdk) {
        Properties release = new Properties();
        try (var in = Files.newInputStream(jdk.resolve("release"))) {
            release.load(in);
            return Runtime.Version.parse(release.getProperty("JAVA_VERSION").replace("\"", ""))
                    .feature();
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}
