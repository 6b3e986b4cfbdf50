package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.geo.CentroidProvider;
import io.tidemark.testkit.PluginJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that use an aggregate of a plugin, on the command line. */
class PluginTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private String job = "";
    private String records = "";
    private String plugins = "";

    @BeforeEach
    void write() throws IOException {
        Path jars = Files.createDirectory(folder.resolve("plugins"));
        PluginJar.write(jars.resolve("centroid.jar"), CentroidProvider.class);
        plugins = "--plugins=" + jars;
        job = Files.writeString(folder.resolve("centre.yaml"), """
                        name: centre
                        input: { topic: places, timestamp: record }
                        window: none
                        aggregate: { centre: { use: acme.centroid, of: [lat, lon], options: { precision: 2 } } }
                        output: { topic: centres }
                        """).toString();
        records = Files.writeString(folder.resolve("records"), """
                        {"lat": 10.004, "lon": 20}
                        {"lat": 11, "lon": 22}
                        """).toString();
    }

    @Test
    void tryComputesItWithThePlugin() {
        Cli cli = Cli.run("try", job, records, plugins);

        assertThat(cli.err()).isEmpty();
        assertThat(cli.out()).contains("{\"lat\":10.50,\"lon\":21.00}", "2 lines = 2 folded");
    }

    @Test
    void tryWithoutThePluginSaysWhatIsMissing() {
        Cli cli = Cli.run("try", job, records);

        assertThat(cli.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.err())
                .isEqualTo(
                        "error: aggregate.centre uses acme.centroid, which no plugin has here; there are no plugins; name"
                                + " the folder with its plugin by --plugins\n");
    }

    @Test
    void optionsThatThePluginRefusesAreNamed() {
        Cli cli = Cli.run("try", job, records, plugins, "--set=aggregate.centre.options.precision=8");

        assertThat(cli.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.err())
                .contains(
                        "aggregate.centre.options: acme.centroid refuses them: precision must be from 0 to 7, but is 8");
    }

    @Test
    void aFailureOfThePluginIsThatOfARunAndShowsNoValue() throws IOException {
        Files.writeString(Path.of(records), "{\"lat\": 90.123, \"lon\": 20}");
        Cli cli = Cli.run("try", job, records, plugins);

        assertThat(cli.exitCode()).isEqualTo(ExitCode.FAILED.code());
        assertThat(cli.err())
                .contains("AGGREGATOR_FAILED: line 1: acme.centroid version 1 (com.acme.geo.Centroid): addInput failed")
                .doesNotContain("90.123", "a coordinate is");
    }

    @Test
    void validateSaysThatItCannotComputeTheExample() {
        Cli cli = Cli.run("validate", job);

        assertThat(cli.exitCode()).isZero();
        assertThat(cli.out())
                .contains(
                        "Example record, with the Kafka timestamp 2006-12-23T16:52:00Z:",
                        "{\"lat\":239.94,\"lon\":239.94}",
                        "There is no example row: aggregate.centre uses acme.centroid, an aggregate of a plugin, which this"
                                + " command cannot compute; try --plugins can");
    }
}
