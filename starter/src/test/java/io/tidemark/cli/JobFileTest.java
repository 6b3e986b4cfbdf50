package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.JobSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobFileTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void writeTheTutorialsJob() throws IOException {
        file = Cli.job(folder, "voltage-daily");
    }

    @Test
    void yamlAndJsonMeanTheSame() throws IOException {
        JobSpec fromYaml = JobFile.read(file, List.of()).job();
        Path json =
                Files.writeString(folder.resolve("job.json"), fromYaml.toJson().toPrettyString());

        assertThat(JobFile.read(json, List.of()).job()).isEqualTo(fromYaml);
        assertThat(fromYaml.input().topic()).isEqualTo("airflow-input-topic");
    }

    @Test
    void aSettingGoesOnTopOfTheFile() {
        JobSpec job = read(
                "input.topic=readings",
                "limits.time=10m",
                "partitionsPerSlice=4",
                "output.grow=true",
                "groupBy=[meter.id]",
                "output.key={date}/{meter.id}");

        assertThat(job.input().topic()).isEqualTo("readings");
        assertThat(job.limits().time()).isEqualTo(Duration.ofMinutes(10));
        assertThat(job.partitionsPerSlice()).isEqualTo(4);
        assertThat(job.output().grow()).isTrue();
        assertThat(job.groupNames()).containsExactly("meter.id");
        assertThat(job.output().key().text()).isEqualTo("{date}/{meter.id}");
    }

    @Test
    void anEmptySettingTakesTheDefault() {
        assertThat(read("output.key=").output().key().text()).isNull();
    }

    @Test
    void aWrongFieldIsNamedWithItsLine() throws IOException {
        refused(
                "window: { every: day",
                "window: { every: dy",
                ":5: window.every: must be hour, day, week, month, quarter or year or a duration");
        refused("zone: UTC }\nwindow", "zone: Mars }\nwindow", ":4: input.timestamp.zone: must be a time zone");
        refused(
                "{ mean: voltage }",
                "{ median: voltage }",
                ":8: aggregate.voltage.median: is no function; write { quantile: …, at: 0.5 }");
        refused("groupBy: []", "groupBy:\n  - a\n  - 7", ":8: groupBy[1]: must be a path such as");
        refused("groupBy: []", "groopBy: []", ":6: groopBy: is not a known field; did you mean groupBy?");
    }

    @Test
    void aMissingFieldIsNamedWithTheLineOfWhatLacksIt() throws IOException {
        refused("  topic: airflow-input-topic\n", "", ":2: input.topic: is missing");
        refused("window: { every: day, zone: UTC }\n", "", ":1: window: is missing");
    }

    @Test
    void aWrongSettingIsNamedAsTheCommandLineHasIt() {
        assertThatThrownBy(() -> read("window.every=dy"))
                .isInstanceOf(CliException.class)
                .hasMessageStartingWith(
                        "--set window.every=dy: window.every: must be hour, day, week, month, quarter or year or a duration");
        assertThatThrownBy(() -> read("window.zone.id=UTC"))
                .hasMessage("--set window.zone.id=UTC: window.zone must be an object, but is \"UTC\"");
        assertThatThrownBy(() -> read("window")).hasMessageStartingWith("--set window: must have the form path=value");
        assertThatThrownBy(() -> read("groupBy=[a"))
                .hasMessage("--set groupBy=[a: the value must be a scalar or a list such as [a, b]");
    }

    /** Some editors of Windows write a byte-order mark in front of the text. */
    @Test
    void aByteOrderMarkIsNoPartOfTheJob() throws IOException {
        JobSpec job = read();
        Path json = Files.writeString(
                folder.resolve("job.json"), "\uFEFF" + job.toJson().toPrettyString());
        Path yaml = Files.writeString(folder.resolve("mark.yaml"), "\uFEFF" + Cli.VOLTAGE);

        assertThat(JobFile.read(json, List.of()).job()).isEqualTo(job);
        assertThat(JobFile.read(yaml, List.of()).job()).isEqualTo(job);
    }

    @Test
    void aDurationWithoutItsUnitIsAnsweredWithTheUnit() throws IOException {
        refused(
                "window: { every: day, zone: UTC }",
                "window: 3600",
                ":5: window: must be hour, day, week, month, quarter, year, a duration such as 15m, { every: …, zone: … } or"
                        + " none, but is 3600; write 3600s");
        assertThatThrownBy(() -> read("limits.time=90")).hasMessageEndingWith(", but is 90; write 90s");
    }

    @Test
    void aKeyThatStandsTwiceIsRefused() throws IOException {
        refused("groupBy: []", "groupBy: []\nname: other", ":7: Duplicate field 'name'");
        Path json = Files.writeString(folder.resolve("job.json"), "{\"name\": \"a\",\n\"name\": \"b\"}");
        assertThatThrownBy(() -> JobFile.read(json, List.of())).hasMessage(json + ":2: Duplicate field 'name'");
    }

    @Test
    void aliasesAreRefusedBeforeTheyCanMultiply() throws IOException {
        refused(
                "groupBy: []",
                "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
                ":7: must not have an alias (*a); write the value again");
    }

    @Test
    void aFileHoldsOneJob() throws IOException {
        refused(
                "groupBy: []",
                "groupBy: []\n---\nname: other",
                ":8: must hold one document, but a second one starts here");
    }

    @Test
    void brokenYamlIsNamedWithItsLineAndReason() throws IOException {
        refused("groupBy: []", "groupBy: [", ":8: while parsing a flow sequence, expected ',' or ']', but got :");
    }

    @Test
    void aFileThatIsNotThereIsSaidToBeMissing() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.yaml"), "# nothing\n");

        assertThatThrownBy(() -> JobFile.read(folder.resolve("none.yaml"), List.of()))
                .hasMessage(folder.resolve("none.yaml") + ": does not exist");
        assertThatThrownBy(() -> JobFile.read(folder, List.of())).hasMessage(folder + ": is a folder");
        assertThatThrownBy(() -> JobFile.read(empty, List.of())).hasMessage(empty + ": is empty");
    }

    @Test
    void wrongJobFilesAreExitCode2() {
        Cli cli = Cli.run("validate", file.toString(), "--set", "name=Voltage");

        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.err()).startsWith("error: --set name=Voltage: name: must be 1 to 63 characters");
    }

    private JobSpec read(String... settings) {
        return JobFile.read(file, List.of(settings)).job();
    }

    private void refused(String was, String is, String message) throws IOException {
        assertThat(Cli.VOLTAGE).contains(was);
        Path wrong = Files.writeString(folder.resolve("wrong.yaml"), Cli.VOLTAGE.replace(was, is));

        assertThatThrownBy(() -> JobFile.read(wrong, List.of()))
                .isInstanceOf(CliException.class)
                .hasMessageStartingWith(wrong + message);
    }
}
