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
    void aJobWithOneRowForAllPartitionsSaysSoAndNamesItsTopics() {
        Cli cli = Cli.run("validate", "../jobs/unique-visitors.yaml");

        assertThat(cli.out())
                .contains("rows          one for each window and group over all partitions")
                .contains("writes        unique-visitors, 4 partitions, each row to the one of its key")
                .contains("partials      tidemark.unique-visitors.partials")
                .contains("totals        tidemark.unique-visitors.totals")
                .containsPattern("tidemark.unique-visitors.partials +Read, Write, Create, Delete, DescribeConfigs");
        assertThat(cli.exitCode()).isZero();
    }

    /** Otherwise the partition would fail long after the job was written, when its state has grown. */
    @Test
    void aRaisedLimitOfAnExactCountSaysHowLongItsValuesMayBe() {
        String exact = "--set=aggregate.visitors.method=exact";

        assertThat(Cli.run("validate", "../jobs/unique-visitors.yaml", exact, "--set=aggregate.visitors.limit=200000")
                        .out())
                .contains("aggregate.visitors.limit: 200,000 values fit into the record that stores them only if they"
                        + " have at most 38 bytes each");
        assertThat(Cli.run("validate", "../jobs/unique-visitors.yaml", exact).out())
                .contains("is a valid job")
                .doesNotContain("fit into the record that stores them");
    }

    @Test
    void settingsThatNoClientTakesAreRefusedWithTheirCause() throws IOException {
        Path kafka = Files.writeString(
                folder.resolve("kafka.config"),
                "bootstrap.servers=localhost:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n");

        Cli cli = Cli.run("validate", file.toString(), "--kafka-config", kafka.toString());

        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.err())
                .startsWith("error: " + kafka + ":3: sasl.mechanism: the Kafka client rejects the settings: ")
                .contains("write sasl.jaas.config");
        assertThat(cli.out()).isEmpty();
    }

    @Test
    void aHostThatNobodyKnowsIsNamedWithItsLine() throws IOException {
        Path kafka = Files.writeString(
                folder.resolve("kafka.config"), "bootstrap.servers=kafka-broker-1.internal.invalid:9092\n");

        Cli cli = Cli.run("validate", file.toString(), "--kafka-config", kafka.toString());

        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(cli.err())
                .isEqualTo(
                        "error: " + kafka + ":1: bootstrap.servers: kafka-broker-1.internal.invalid:9092: this machine"
                                + " cannot resolve the name; correct it, or add it to the DNS or to the hosts file of this"
                                + " machine\n");
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
                .contains("  budget        for each run, at most 5,000 records, at most about 1,000,000 bytes, no new"
                        + " reads after 15m\n");
    }

    @Test
    void jsonHasTheWholeJobAndTheExample() throws JsonProcessingException {
        JsonNode json = json();

        assertThat(json.path("job"))
                .hasToString(JobCodec.write(JobCodec.read(json.path("job"))).toString());
        assertThat(json.path("group").textValue()).isEqualTo("tidemark-voltage-daily");
        assertThat(json.path("permissions")).hasSize(7);
        assertThat(json.path("example"))
                .hasToString("{\"record\":{\"datetime\":\"23/12/2006 16:52:00\",\"voltage\":239.94},"
                        + "\"time\":\"2006-12-23T16:52:00Z\",\"key\":\"2006-12-23\","
                        + "\"row\":{\"date\":\"2006-12-23\",\"voltage\":239.94}}");
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
    void theExampleHasTheKeyAndTheHeadersThatTheJobReads() throws IOException {
        Files.writeString(file, """
                name: sensors
                input: { topic: sensors, key: json, timestamp: { field: { header: at }, format: iso } }
                where: header("kind") == "main" && key().version > 3
                window: day
                groupBy:
                  - { key: device.id, as: device }
                  - { header: tenant }
                  - { meta: partition }
                  - { path: site, absent: none }
                aggregate: { n: count }
                output: { topic: sensors-daily }
                """);
        JsonNode example = json().path("example");

        assertThat(example.path("record"))
                .hasToString("{\"key\":{\"device\":{\"id\":\"a\"},\"version\":4},"
                        + "\"headers\":{\"at\":\"2006-12-23T16:52:00Z\",\"tenant\":\"a\",\"kind\":\"main\"},"
                        + "\"value\":{\"site\":\"a\"}}");
        assertThat(example.path("time").textValue()).isEqualTo("2006-12-23T16:52:00Z");
        assertThat(example.path("row"))
                .hasToString(
                        "{\"date\":\"2006-12-23\",\"device\":\"a\",\"tenant\":\"a\",\"partition\":0,\"site\":\"a\","
                                + "\"n\":1}");
        assertThat(Cli.run("validate", file.toString()).out())
                .contains(
                        "groups        {key: device.id} as device, {header: tenant}, {meta: partition}, site, or \"none\"",
                        "  time          field {header: at}, iso");
    }

    @Test
    void theExampleOfAKeyIsATextOrAWholeNumber() throws JsonProcessingException {
        String time = "input.timestamp=record";
        assertThat(json(time, "groupBy=[{key: true, as: id}]", "output.key=")
                        .path("example")
                        .path("record"))
                .hasToString("{\"key\":\"a\",\"value\":{\"voltage\":239.94}}");
        assertThat(json(time, "input.key=long", "groupBy=[{key: true, as: id}]", "output.key=")
                        .path("example")
                        .path("row"))
                .hasToString("{\"date\":\"2006-12-23\",\"id\":7,\"voltage\":239.94}");
    }

    @Test
    void aFieldCanBeTimeGroupAndNumberAtOnce() throws JsonProcessingException {
        JsonNode example = json(
                        "input.timestamp.field=at",
                        "input.timestamp.format=epochMillis",
                        "input.timestamp.pattern=",
                        "input.timestamp.zone=",
                        "groupBy=[at, n]",
                        "output.key=",
                        "aggregate.last.max=at",
                        "aggregate.sum.sum=n")
                .path("example");

        assertThat(example.path("record")).hasToString("{\"at\":1166892720000,\"n\":239.94,\"voltage\":239.94}");
        assertThat(example.path("row"))
                .hasToString("{\"date\":\"2006-12-23\",\"at\":1166892720000,\"n\":239.94,\"voltage\":239.94,"
                        + "\"last\":1.16689272E12,\"sum\":239.94}");
    }

    @Test
    void windowsThatBeginLaterAreExplained() throws JsonProcessingException {
        String[] week = {
            "window.every=week", "window.zone=America/New_York", "window.weekBegins=sunday", "window.dayBegins=17:00"
        };

        assertThat(Cli.run(
                                "validate",
                                file.toString(),
                                "--set=" + week[0],
                                "--set=" + week[1],
                                "--set=" + week[2],
                                "--set=" + week[3],
                                "--set=output.key=")
                        .out())
                .contains("  windows       every week in America/New_York, from sunday 17:00\n");
        assertThat(row(week)).isEqualTo("{\"week\":\"2006-12-17\",\"voltage\":239.94}");
        assertThat(row("window.every=quarter")).isEqualTo("{\"quarter\":\"2006-Q4\",\"voltage\":239.94}");
        assertThat(row("window.every=year")).isEqualTo("{\"year\":\"2006\",\"voltage\":239.94}");
    }

    /** YAML 1.1 lets a reader take 18:00 for the number 1080. */
    @Test
    void aTimeOfDayMayStandWithoutQuotes() {
        assertThat(Cli.run("validate", file.toString(), "--set", "window.dayBegins=18:00")
                        .out())
                .contains("  windows       every day in UTC, from 18:00\n");
    }

    @Test
    void timesInNanosecondsAndInQuotesAreExplained() throws JsonProcessingException {
        String[] nanos = {
            "input.timestamp.field=at",
            "input.timestamp.format=epochNanos",
            "input.timestamp.quoted=true",
            "input.timestamp.pattern=",
            "input.timestamp.zone="
        };
        JsonNode example = json(nanos).path("example");

        assertThat(example.path("record")).hasToString("{\"at\":\"1166892720000000000\",\"voltage\":239.94}");
        assertThat(example.path("time").textValue()).isEqualTo("2006-12-23T16:52:00Z");
        assertThat(json("input.timestamp.field=at", "input.timestamp.format=epochMicros", nanos[3], nanos[4])
                        .path("example")
                        .path("record"))
                .hasToString("{\"at\":1166892720000000,\"voltage\":239.94}");
    }

    @Test
    void theExampleHasTheShapeOfTheRow() throws JsonProcessingException {
        assertThat(json(
                                "output.row.day={window}",
                                "output.row.from={window.start}",
                                "output.row.mean={voltage}",
                                "output.row.n={count}",
                                "output.numbers=text")
                        .path("example")
                        .path("row"))
                .hasToString(
                        "{\"day\":\"2006-12-23\",\"from\":\"2006-12-23T00:00:00Z\",\"mean\":\"239.94\",\"n\":\"1\"}");
    }

    /** YAML reads braces without quotes as an object. */
    @Test
    void aFieldOfARowWithoutQuotesIsAnsweredWithThem() throws IOException {
        Path shaped = Files.writeString(
                folder.resolve("shaped.yaml"),
                Files.readString(file).replace("output: {", "output: { row: { mean: {voltage} },"));

        Cli cli = Cli.run("validate", shaped.toString());

        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.err()).contains("output.row.mean: must be").endsWith("; write '{voltage}'\n");
    }

    @Test
    void aFarPositionIsReached() throws JsonProcessingException {
        assertThat(json("aggregate.voltage.mean=v[12]")
                        .path("example")
                        .path("row")
                        .path("voltage")
                        .doubleValue())
                .isEqualTo(239.94);
    }

    /** Without "a" for AM or PM, Java would read each time as midnight. */
    @Test
    void anHourThatNeedsAmOrPmIsRefused() {
        Cli cli = Cli.run("validate", file.toString(), "--set", "input.timestamp.pattern=dd/MM/yyyy hh:mm:ss");

        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.err())
                .contains("input.timestamp.pattern: must have a whole time of day or none")
                .contains("did you mean 'dd/MM/yyyy HH:mm:ss'? hh is the hour from 1 to 12 and needs a for AM or PM");
    }

    @Test
    void aTimeThatIsReadAsAnotherIsShown() throws JsonProcessingException {
        String pattern = "input.timestamp.pattern=dd/MM/yyyy";

        assertThat(Cli.run("validate", file.toString(), "--set", pattern).out())
                .contains("The job reads its time as 2006-12-23T00:00:00Z, although it was written for"
                        + " 2006-12-23T16:52:00Z. If you need the whole time, check input.timestamp.pattern\n");
        assertThat(json(pattern).path("example").path("time").textValue()).isEqualTo("2006-12-23T00:00:00Z");
        assertThat(row(pattern, "window.every=hour")).isEqualTo("{\"hour\":\"2006-12-23T00:00Z\",\"voltage\":239.94}");
    }

    @Test
    void aConditionIsShownAndTheExampleFulfilsIt() throws JsonProcessingException {
        String where = "where=voltage > 240 && !has(test) && site.id in [\"a\"] && name.startsWith('x') && ok && l <= m"
                + " && !(kind == 'y')";

        assertThat(Cli.run("validate", file.toString(), "--set", where).out())
                .contains(
                        "\n  where         voltage > 240 && !has(test) && site.id in [\"a\"] && name.startsWith(\"x\")"
                                + " && ok && l <= m && !(kind == \"y\")\n");
        JsonNode example = json(where).path("example");
        assertThat(example.path("record").path("voltage").intValue()).isEqualTo(241);
        assertThat(example.path("record").has("test")).isFalse();
        assertThat(example.path("row").path("voltage").doubleValue()).isEqualTo(241);
        assertThat(Cli.run("validate", file.toString(), "--set", "where=site.matches('^[0-9]$')")
                        .out())
                .contains("The job filters this record.\n");
    }

    @Test
    void aConditionThatMakesNoSenseIsRefusedWithItsLine() {
        Cli cli = Cli.run("validate", file.toString(), "--set", "where=voltage = 240");

        assertThat(cli.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.err())
                .contains("where", "'=' is no operator; write '==' to compare, at character 9 of voltage = 240");
    }

    @Test
    void anExampleThatTheJobCannotReadIsShown() throws JsonProcessingException {
        String[] groups = {"groupBy=[a, a.b]", "output.key="};

        assertThat(json(groups).path("example").path("problem").textValue()).isEqualTo("FIELD_MISSING: a.b is missing");
        assertThat(Cli.run("validate", file.toString(), "--set", groups[0], "--set", groups[1])
                        .out())
                .contains("The job cannot read this record: FIELD_MISSING: a.b is missing\n");
    }

    @Test
    void aJobThatTakesTheKafkaTimestampHasItInTheExample() throws IOException {
        Path recordTime = Files.writeString(
                folder.resolve("r.yaml"), Cli.VOLTAGE.replaceFirst("timestamp: .*", "timestamp: record"));

        assertThat(Cli.run("validate", recordTime.toString()).out()).contains("""
                Example record, with the Kafka timestamp 2006-12-23T16:52:00Z:
                  {"voltage":239.94}
                Its row, if it is the only record of its window and group:
                  key    2006-12-23
                """);
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
