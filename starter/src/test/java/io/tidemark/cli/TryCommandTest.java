package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TryCommandTest {
    /** Three good records, and one bad record of each kind that a line can hold. */
    private static final String RECORDS = """
            {"datetime":"23/12/2006 16:52:00","voltage":239.94}
            {"datetime":"23/12/2006 16:53:00","voltage":240.06}
            {"datetime":"24/12/2006 00:00:00","voltage":236.5}
            {"datetime":"24/12/2006 00:01:00"}
            {"datetime":"24/12/2006 00:02:00","voltage":"hidden"}
            {"datetime":"99/12/2006 00:03:00","voltage":1}
            {"datetime":"24/12/2006 00:04:00","voltage":1e999}
            hidden

            """;

    @TempDir
    Path folder;

    private Path job;

    @BeforeEach
    void writeTheTutorialsJob() throws IOException {
        job = Cli.job(folder, "voltage-daily");
    }

    @Test
    void rowsBadRecordsAndCountsArePrinted() throws IOException {
        Cli cli = tryFile(RECORDS);

        assertThat(cli.out()).isEqualTo(Cli.golden("try.txt"));
        assertThat(cli.err()).isEmpty();
        assertThat(cli.exitCode()).isZero();
    }

    @Test
    void filteredRecordsAreCounted() throws IOException {
        Cli cli = tryFile(RECORDS, "--set", "where=voltage > 236.5");
        assertThat(cli.out()).endsWith("9 lines = 2 folded + 2 filtered + 5 bad; 1 row\n");
        assertThat(cli.err()).isEmpty();

        Cli all = tryFile(RECORDS, "--set", "where=has(test)");
        assertThat(all.out()).endsWith("9 lines = 0 folded + 7 filtered + 2 bad; 0 rows\n");
        assertThat(all.err()).contains("warning: no record counts: where filtered 7 records");

        JsonNode json = new ObjectMapper()
                .readTree(tryFile(RECORDS, "--json", "--set", "where=voltage > 240")
                        .out());
        assertThat(json.path("folded").intValue()).isOne();
        assertThat(json.path("filtered").intValue()).isEqualTo(3);
    }

    /** Two readings on 23 December and one on the day after. */
    @Test
    void aRecordIsInEachOfItsWindows() throws Exception {
        Cli cli = tryFile(
                RECORDS,
                "--json",
                "--set",
                "window.span=2",
                "--set",
                "output.key={window}",
                "--set",
                "aggregate.n=count",
                "--set",
                "aggregate.d.distinct=voltage",
                "--set",
                "output.row.from={window.start}",
                "--set",
                "output.row.to={window.endMillis}",
                "--set",
                "output.row.mean={voltage}",
                "--set",
                "output.row.d={d}",
                "--set",
                "output.row.n={n}");
        assertThat(cli.err()).isEmpty();
        JsonNode rows = new ObjectMapper().readTree(cli.out()).path("rows");
        assertThat(rows).hasSize(3);
        assertThat(rows.findValuesAsText("key"))
                .containsExactly(
                        "2006-12-22T00:00:00Z/2006-12-24T00:00:00Z",
                        "2006-12-23T00:00:00Z/2006-12-25T00:00:00Z",
                        "2006-12-24T00:00:00Z/2006-12-26T00:00:00Z");
        assertThat(rows.findValuesAsText("n")).containsExactly("2", "3", "1");
        assertThat(rows.findValuesAsText("d")).containsExactly("2", "3", "1");
        assertThat(rows.findValuesAsText("from"))
                .containsExactly("2006-12-22T00:00:00Z", "2006-12-23T00:00:00Z", "2006-12-24T00:00:00Z");
        assertThat(rows.findValuesAsText("to")).containsExactly("1166918400000", "1167004800000", "1167091200000");
    }

    @Test
    void decimalsHaveAllTheirDigitsAndListsTheirValues() throws IOException {
        Files.writeString(job, """
                name: any
                input: { topic: in }
                window: none
                aggregate:
                  sum: { sum: v, decimal: 2 }
                  top: { largest: v, k: 2, decimal: 1 }
                  often: { frequent: u, k: 1 }
                  none: { max: w, absent: skip }
                  spread: { stddev: v, decimal: 1 }
                output: { topic: out }
                """);

        Cli cli = tryFile(List.of(
                "{\"v\":123456789012345.5,\"u\":\"x\"}",
                "{\"v\":\"123456789012345.5\",\"u\":\"x\"}",
                "{\"v\":1,\"u\":7}"));

        assertThat(cli.out().lines().skip(1).findFirst().orElse("").strip())
                .matches(
                        "\\{\\} +246913578024692\\.00 +123456789012345\\.5, 123456789012345\\.5 +x \\(2\\) +null +7\\.12778e\\+13.*");
    }

    @Test
    void standardInputIsReadWithoutAFileAndWithADash() throws IOException {
        String golden = Cli.golden("try.txt");

        assertThat(tryStandardInput(RECORDS).out()).isEqualTo(golden);
        assertThat(tryStandardInput(RECORDS, "-").out()).isEqualTo(golden);
    }

    @Test
    void lineEndsOfWindowsAndAMissingLastOneMakeNoDifference() throws IOException {
        assertThat(tryFile(RECORDS.replace("\n", "\r\n")).out()).isEqualTo(Cli.golden("try.txt"));
        assertThat(tryFile(RECORDS.strip()).out()).endsWith("8 lines = 3 folded + 5 bad; 2 rows\n");
    }

    @Test
    void jsonHasCountsRowsAndBadRecords() throws IOException {
        assertThat(tryFile(RECORDS.lines().limit(4).toList(), "--json").out())
                .isEqualTo(
                        "{\"job\":\"voltage-daily\",\"lines\":4,\"folded\":3,\"filtered\":0,\"bad\":1,\"rowCount\":2,\"rows\":["
                                + "{\"key\":\"2006-12-23\",\"value\":{\"date\":\"2006-12-23\",\"voltage\":240.0}},"
                                + "{\"key\":\"2006-12-24\",\"value\":{\"date\":\"2006-12-24\",\"voltage\":236.5}}],"
                                + "\"badRecords\":[{\"line\":4,\"reason\":\"FIELD_MISSING\","
                                + "\"problem\":\"voltage is missing\"}]}\n");
    }

    @Test
    void nothingOfABadRecordIsPrinted() throws IOException {
        assertThat(tryFile(RECORDS).out()).doesNotContain("hidden");
        assertThat(tryFile(RECORDS, "--json").out()).doesNotContain("hidden");
    }

    @Test
    void noLinesMakeNoRows() throws IOException {
        Cli cli = tryFile("");

        assertThat(cli.out()).isEqualTo("0 lines = 0 folded + 0 bad; 0 rows\n");
        assertThat(cli.exitCode()).isZero();
    }

    @Test
    void bytesThatAreNotUtf8ReachTheScanner() throws IOException {
        Path file = folder.resolve("latin1");
        Files.write(
                file,
                "{\"name\":\"Müller\",\"datetime\":\"23/12/2006 16:52:00\",\"voltage\":1}"
                        .getBytes(StandardCharsets.ISO_8859_1));

        assertThat(Cli.run("try", job.toString(), file.toString()).out())
                .contains("1  NOT_JSON  not JSON at byte 10: this is not UTF-8");
    }

    @Test
    void aJobThatFailsOnBadRecordsFails() throws IOException {
        Cli cli = tryFile(RECORDS, "--set=badRecords=fail");

        assertThat(cli.out()).isEqualTo(Cli.golden("try.txt"));
        assertThat(cli.err())
                .isEqualTo("error: a run over these records would fail: BAD_RECORD: the job fails on bad records"
                        + " (badRecords: fail)\n");
        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(tryFile(RECORDS.lines().limit(3).toList(), "--set=badRecords=fail")
                        .exitCode())
                .isZero();
    }

    @Test
    void moreBadRecordsThanTheLimitFail() throws IOException {
        Cli cli = tryFile(RECORDS, "--set=badRecords.limit=5", "--json");

        assertThat(cli.err())
                .isEqualTo("error: a run over these records would fail: TOO_MANY_BAD_RECORDS: 6 bad records, and"
                        + " badRecords.limit is 5\n");
        assertThat(new ObjectMapper()
                        .readTree(cli.out())
                        .path("error")
                        .path("message")
                        .textValue())
                .isEqualTo("6 bad records, and badRecords.limit is 5");
        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(tryFile(RECORDS, "--set=badRecords.limit=6").exitCode()).isZero();
        assertThat(tryFile(RECORDS, "--set=badRecords={policy: skip, limit: 5}").exitCode())
                .isEqualTo(2);
        assertThat(tryFile(RECORDS, "--set=badRecords.policy=skip", "--set=badRecords.limit=5")
                        .exitCode())
                .isEqualTo(1);
    }

    @Test
    void moreCellsThanTheLimitFailAtTheLine() throws IOException {
        Cli cli = tryFile(RECORDS, "--set=limits.cells=1");

        assertThat(cli.out()).isEmpty();
        assertThat(cli.err())
                .startsWith("error: a run over these records would fail: TOO_MANY_CELLS: line 3: more than 1 cells");
        assertThat(cli.exitCode()).isEqualTo(1);
    }

    @Test
    void aNumberThatCouldMakeASumOverflowIsABadRecord() throws IOException {
        Cli cli = tryFile("{\"datetime\":\"23/12/2006 16:52:00\",\"voltage\":1e308}\n".repeat(2));

        assertThat(cli.out()).contains("NUMBER_TOO_LARGE  voltage is a number beyond 2^960");
        assertThat(cli.exitCode()).isZero();
    }

    @Test
    void theLimitHoldsForRowsAndForBadRecords() throws IOException {
        Cli cli = tryFile(RECORDS, "--limit", "1");

        assertThat(cli.out()).isEqualTo("""
                key         voltage  voltage from 236.500 to 240.000
                2006-12-23  240.000  ████████████████████

                line  reason         problem
                   4  FIELD_MISSING  voltage is missing

                9 lines = 3 folded + 6 bad; 2 rows
                """);
        assertThat(cli.err()).isEqualTo("""
                1 more row; --limit 2 shows all
                5 more bad records; --limit 6 shows all
                """);
        assertThat(tryFile(RECORDS, "--limit", "0").exitCode()).isEqualTo(2);
    }

    @Test
    void theKafkaTimestampIsThatOfTheOption() throws IOException {
        assertThat(tryRecordTime("--timestamp=2006-12-23T23:59:59.999Z").out()).contains("\n2006-12-23    1.000 ");
    }

    @Test
    void theKafkaTimestampIsNowByDefault() throws IOException {
        Instant before = Instant.now();
        JsonNode answer = new ObjectMapper()
                .readTree(tryRecordTime("--json", "--set=window=1ms", "--set=output.key={window}")
                        .out());
        Instant after = Instant.now();

        assertThat(Instant.parse(answer.path("rows").path(0).path("key").textValue()))
                .isBetween(before.minus(Duration.ofMillis(1)), after);
    }

    private Cli tryRecordTime(String... options) throws IOException {
        Files.writeString(job, Cli.VOLTAGE.replaceFirst("timestamp: .*", "timestamp: record"));
        return tryFile("{\"voltage\":1}", options);
    }

    @Test
    void aKafkaTimestampForAJobThatReadsAFieldIsWrongUsage() throws IOException {
        Cli cli = tryFile(RECORDS, "--timestamp=2006-12-23T00:00:00Z");

        assertThat(cli.err())
                .isEqualTo("error: --timestamp applies only to a job with timestamp: record; this job reads the time"
                        + " from field datetime\n");
        assertThat(cli.exitCode()).isEqualTo(2);
    }

    @Test
    void aFileThatCannotBeReadIsWrongUsage() {
        Path none = folder.resolve("none");

        assertThat(Cli.run("try", job.toString(), none.toString()).err())
                .isEqualTo("error: " + none + ": does not exist\n");
        assertThat(Cli.run("try", job.toString(), folder.toString()).err())
                .isEqualTo("error: " + folder + ": is a folder\n");
        assertThat(Cli.run("try", job.toString(), folder.toString()).exitCode()).isEqualTo(2);
    }

    /** Days of Berlin over both changes of the clock, groups, every function: as plain Java computes them. */
    @Test
    void rowsAreThoseOfAPlainComputation() throws IOException {
        record Key(LocalDate date, String vendor) {}
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        Random random = new Random(20_061_223);
        Map<String, List<BigDecimal>> amounts = new TreeMap<>();
        List<String> records = new ArrayList<>();
        Instant from = Instant.parse("2006-01-01T00:00:00Z");
        for (int i = 0; i < 5_000; i++) {
            Instant time = from.plusSeconds(random.nextInt(365 * 86_400));
            Key key = new Key(
                    time.atZone(berlin).toLocalDate(),
                    List.of("acme", "straße", "a/b").get(random.nextInt(3)));
            BigDecimal amount = BigDecimal.valueOf(random.nextInt(2_000_000) - 1_000_000, 2);
            amounts.computeIfAbsent(key.date() + "/" + key.vendor().replace("/", "%2F"), each -> new ArrayList<>())
                    .add(amount);
            records.add("{\"vendor\":\"" + key.vendor() + "\",\"amount\":" + amount + ",\"issued\":\""
                    + DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time.atZone(berlin)) + "\"}");
        }
        Files.writeString(job, """
                name: bills
                input: { topic: bills, timestamp: { field: issued, format: iso, zone: UTC } }
                window: { every: day, zone: Europe/Berlin }
                groupBy: [vendor]
                aggregate:
                  n: count
                  sum: { sum: amount }
                  mean: { mean: amount }
                  min: { min: amount }
                  max: { max: amount }
                output: { topic: bills-daily, key: "{date}/{vendor}" }
                """);

        JsonNode rows = new ObjectMapper()
                .readTree(tryFile(records, "--json", "--limit=2000").out())
                .path("rows");

        assertThat(rows).hasSameSizeAs(amounts.keySet());
        for (JsonNode row : rows) {
            List<BigDecimal> group = amounts.get(row.path("key").textValue());
            BigDecimal sum = group.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
            JsonNode value = row.path("value");
            assertThat(value.path("date").textValue() + "/"
                            + value.path("vendor").textValue().replace("/", "%2F"))
                    .isEqualTo(row.path("key").textValue());
            assertThat(value.path("n").intValue()).isEqualTo(group.size());
            assertThat(value.path("sum").doubleValue()).isCloseTo(sum.doubleValue(), within(1e-9));
            assertThat(value.path("mean").doubleValue()).isCloseTo(sum.doubleValue() / group.size(), within(1e-9));
            assertThat(value.path("min").doubleValue())
                    .isEqualTo(group.stream()
                            .min(BigDecimal::compareTo)
                            .orElseThrow()
                            .doubleValue());
            assertThat(value.path("max").doubleValue())
                    .isEqualTo(group.stream()
                            .max(BigDecimal::compareTo)
                            .orElseThrow()
                            .doubleValue());
        }
    }

    private Cli tryFile(List<String> records, String... options) throws IOException {
        return tryFile(String.join("\n", records) + "\n", options);
    }

    private Cli tryFile(String records, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("try", job.toString()));
        arguments.add(Files.writeString(folder.resolve("records"), records).toString());
        arguments.addAll(List.of(options));
        return Cli.run(arguments.toArray(new String[0]));
    }

    private Cli tryStandardInput(String records, String... arguments) {
        List<String> all = new ArrayList<>(List.of("try", job.toString()));
        all.addAll(List.of(arguments));
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(records.getBytes(StandardCharsets.UTF_8)));
        try {
            return Cli.run(all.toArray(new String[0]));
        } finally {
            System.setIn(before);
        }
    }

    private static final String[] BY_KEY = {
        "--set",
        "input.timestamp=record",
        "--set",
        "groupBy=[{key: true, as: device}, {header: tenant, absent: none}]",
        "--set",
        "output.key={date}/{device}/{tenant}"
    };

    @Test
    void aLineCanHoldAWholeRecord() throws IOException {
        String[] arguments = Arrays.copyOf(BY_KEY, BY_KEY.length + 3);
        arguments[BY_KEY.length] = "--records";
        arguments[BY_KEY.length + 1] = "--timestamp";
        arguments[BY_KEY.length + 2] = "2006-12-23T16:52:00Z";
        Cli cli = tryFile("""
                {"key":"d\\u0031","headers":{"tenant":"a","x":null},"value":{"voltage":239.940}}
                { "value" : {"voltage":2.0} , "key" : "d2" }
                {"value":{"voltage":2}}
                {"key":"d2","value":7}
                {"key":"d2","value":{"voltage":4e0},"headers":{}}
                """, arguments);

        assertThat(cli.err()).isEmpty();
        assertThat(cli.out())
                .contains("2006-12-23/d1/a     239.940", "2006-12-23/d2/none    3.000", "{key} is missing", "NOT_JSON")
                .endsWith("5 lines = 3 folded + 2 bad; 2 rows\n");
    }

    @Test
    void aJobThatReadsTheKeyNeedsWholeRecords() throws IOException {
        Cli cli = tryFile(RECORDS, BY_KEY);

        assertThat(cli.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.err())
                .contains("the job reads {key}, {header: tenant}, which a line with the value alone does not have;"
                        + " write each line as {\"key\": …, \"headers\": {…}, \"value\": {…}} and add --records");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '~', textBlock = """
            [1]¦                              is not an object
            {"key":"a"}¦                      has no value
            {"value":{},"header":{}}¦         has the unknown field 'header'
            {"value":{},"key":7}¦             has a key that is not a string
            {"value":{},"headers":[]}¦        has headers that are not an object
            {"value":{},"headers":{"a":1}}¦   has a header that is neither a string nor null
            {"value":{}} {}¦                  has something after the object
            {"value":¦                        is not JSON
            """)
    void aLineOfAnotherFormEndsTheCommand(String line, String problem) throws IOException {
        Cli cli = tryFile("{\"value\":{}}\n" + line + "\n", "--records");

        assertThat(cli.exitCode()).isEqualTo(ExitCode.FAILED.code());
        assertThat(cli.err()).contains("line 2 " + problem + "; with --records a line is {\"key\": …");
    }

    @Test
    void aKeyHasTheFormThatTheJobSays() throws IOException {
        String[] common = {"--records", "--set", "input.timestamp=record", "--set", "output.key={date}/{id}", "--set"};
        String[] whole = Arrays.copyOf(common, common.length + 3);
        whole[common.length] = "input.key=long";
        whole[common.length + 1] = "--set";
        whole[common.length + 2] = "groupBy=[{key: true, as: id}]";
        assertThat(tryFile("{\"key\":-70,\"value\":{\"voltage\":1}}\n", whole).out())
                .contains("/-70");
        String[] json = whole.clone();
        json[common.length] = "input.key=json";
        json[common.length + 2] = "groupBy=[{key: id}]";
        assertThat(tryFile("{\"key\": {\"id\": \"é\"} ,\"value\":{\"voltage\":1}}\n", json)
                        .out())
                .contains("/é");
    }
}
