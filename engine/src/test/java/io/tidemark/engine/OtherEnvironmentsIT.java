package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs the engine's unit tests once more in other JVMs: in another locale and time zone, and on the newest JDK that is
 * installed, if it is newer than this one. Two workers must write the same bytes whatever their locale, time zone and JDK
 * are, and the golden files hold these bytes.
 */
@Timeout(600)
@Execution(ExecutionMode.CONCURRENT)
class OtherEnvironmentsIT {
    private static final Pattern FOUND = Pattern.compile("\\[ *(\\p{Nd}+) tests successful +]");

    /** Half of the time goes into the windows of every zone. */
    private static final String WINDOWS = "io\\.tidemark\\.window\\..+Test";

    @Test
    void theUnitTestsOfWindowsPassInAnotherLocaleAndZoneAndOnTheNewestJdk() throws Exception {
        assertThat(passed("windows", "--include-classname=" + WINDOWS)).isGreaterThan(80);
    }

    @Test
    void theOtherUnitTestsPassInAnotherLocaleAndZoneAndOnTheNewestJdk() throws Exception {
        assertThat(passed("others", "--exclude-classname=" + WINDOWS)).isGreaterThan(500);
    }

    /** Runs the tests that a filter leaves, and returns how many there are. Each of them has to pass. */
    private static int passed(String name, String filter) throws Exception {
        Path jdk = newestJdk().orElse(Path.of(System.getProperty("java.home")));
        List<String> command = new ArrayList<>();
        command.add(jdk.resolve("bin/java").toString());
        // Arabic writes other digits, and Nepal's offset of 5:45 h is not a multiple of an hour.
        command.addAll(List.of("-Duser.language=ar", "-Duser.country=EG", "-Duser.timezone=Asia/Kathmandu"));
        // The build has run each property many times; a few tries show that the environment changes nothing.
        command.addAll(List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dtidemark.tries=50"));
        // jqwik's file of failed tries belongs to one JVM.
        command.add("-Djqwik.database=target/jqwik-database-" + name);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of("org.junit.platform.console.ConsoleLauncher", "execute", "--disable-banner"));
        command.addAll(List.of("--details=summary", "--disable-ansi-colors", "--scan-classpath=target/test-classes"));
        command.add(filter);

        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(jdk + "\n" + output).isZero();
        Matcher found = FOUND.matcher(output);
        assertThat(found.find()).as(output).isTrue();
        return Integer.parseInt(found.group(1));
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
