package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.job.JobCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateCommandTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void writeTheTutorialsJob() throws IOException {
        file = Cli.job(folder, "voltage-daily");
    }

    @Test
    void theTutorialsJobIsExplained() throws IOException {
        Cli cli = Cli.run("validate", file.toString());

        assertThat(cli.out()).isEqualTo(Cli.golden("validate.txt").replace("FILE", file.toString()));
        assertThat(cli.err()).isEmpty();
        assertThat(cli.exitCode()).isZero();
    }

    @Test
    void aBudgetIsExplained() {
        assertThat(Cli.run(
                                "validate",
                                file.toString(),
                                "--set=budget.records=5000",
                                "--set=budget.bytes=1000000",
                                "--set=budget.time=15m")
                        .out())
                .contains(
                        "  budget        for each run, at most 5,000 records, about 1,000,000 bytes at most, nothing more"
                                + " is begun after 15m\n");
    }

    @Test
    void jsonHasTheWholeJobAndTheExample() throws JsonProcessingException {
        JsonNode json = json();

        assertThat(json.path("job"))
                .hasToString(JobCodec.write(JobCodec.read(json.path("job"))).toString());
        assertThat(json.path("group").textValue()).isEqualTo("tidemark-voltage-daily");
        assertThat(json.path("permissions")).hasSize(6);
        assertThat(json.path("example").path("key").textValue()).isEqualTo("2006-12-23");
        assertThat(json.path("example").path("row")).hasToString("{\"date\":\"2006-12-23\",\"voltage\":239.94}");
    }

    @Test
    void theExampleFollowsWindowsGroupsAndPaths() throws JsonProcessingException {
        JsonNode example = json(
                        "groupBy=[meter.id, 'a[1].b']",
                        "output.key=",
                        "aggregate.n=count",
                        "aggregate.voltage.mean=meter.readings[0]",
                        "window.every=week")
                .path("example");

        assertThat(example.path("record"))
                .hasToString("{\"datetime\":\"23/12/2006 16:52:00\",\"meter\":{\"id\":\"a\",\"readings\":[239.94]},"
                        + "\"a\":[null,{\"b\":\"a\"}]}");
        assertThat(example.path("key").textValue())
                .isEqualTo("{\"week\":\"2006-W51\",\"meter.id\":\"a\",\"a[1].b\":\"a\"}");
        assertThat(example.path("row").path("n").intValue()).isEqualTo(1);
        assertThat(example.path("row").path("voltage").doubleValue()).isEqualTo(239.94);
    }

    @Test
    void theExampleOfAGroupAvoidsWhatTheTemplateWouldEscape() throws JsonProcessingException {
        JsonNode example =
                json("groupBy=[meter]", "output.key={date}/abc-{meter}").path("example");

        assertThat(example.path("key").textValue()).isEqualTo("2006-12-23/abc-d");
    }

    @Test
    void hoursMonthsPeriodsAndNoWindowsHaveTheirOwnForms() throws JsonProcessingException {
        assertThat(row("window.every=hour", "window.zone=Asia/Kolkata", "input.timestamp.zone=Asia/Kolkata"))
                .isEqualTo("{\"hour\":\"2006-12-23T22:00+05:30\",\"voltage\":239.94}");
        assertThat(row("window.every=month")).isEqualTo("{\"month\":\"2006-12\",\"voltage\":239.94}");
        assertThat(row("window.every=15m", "window.zone="))
                .isEqualTo("{\"window\":\"2006-12-23T16:45:00Z\",\"voltage\":239.94}");
        assertThat(row("window=none")).isEqualTo("{\"voltage\":239.94}");
    }

    @Test
    void growingTheOutputAndForeignGroupsNeedMorePermissions() throws IOException {
        Path wide = Files.writeString(
                folder.resolve("wide.yaml"),
                Cli.VOLTAGE.replace("key: \"{date}\"", "grow: true") + "start: { group: other }\n");

        assertThat(Cli.run("validate", wide.toString()).out())
                .contains("Write, Create, DescribeConfigs, Alter")
                .containsPattern("group +other +Describe +where the first run starts");
    }

    private String row(String... settings) throws JsonProcessingException {
        String[] all = Arrays.copyOf(settings, settings.length + 1);
        all[settings.length] = "output.key=";
        return json(all).path("example").path("row").toString();
    }

    private JsonNode json(String... settings) throws JsonProcessingException {
        String[] arguments = new String[3 + 2 * settings.length];
        arguments[0] = "validate";
        arguments[1] = file.toString();
        arguments[2] = "--json";
        for (int i = 0; i < settings.length; i++) {
            arguments[3 + 2 * i] = "--set";
            arguments[4 + 2 * i] = settings[i];
        }
        Cli cli = Cli.run(arguments);
        assertThat(cli.err()).isEmpty();
        return new ObjectMapper().readTree(cli.out());
    }
}
