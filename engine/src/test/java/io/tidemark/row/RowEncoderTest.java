package io.tidemark.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.GroupValue.GroupType;
import io.tidemark.aggregate.TooManyCellsException;
import io.tidemark.job.JobSpec;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.testkit.Groups;
import io.tidemark.testkit.JobJson;
import io.tidemark.window.RowWindows;
import io.tidemark.window.WindowAssigner;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowEncoderTest {
    private static final long HOUR = 3_600_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Any template that a job accepts, and cells of any window and groups. */
    @Property(tries = 3_000)
    void twoCellsNeverGetTheSameKey(
            @ForAll("literals") List<String> literals,
            @ForAll("windows") String window,
            @ForAll boolean reversed,
            @ForAll("groups") List<List<GroupValue>> groups) {
        String field = window.equals("none")
                ? ""
                : window.contains("15m") || window.contains("span")
                        ? "window"
                        : window.contains("hour") ? "hour" : "date";
        List<String> names =
                field.isEmpty() ? List.of("a", "b") : reversed ? List.of("b", field, "a") : List.of(field, "a", "b");
        StringBuilder template = new StringBuilder(literals.get(0));
        for (int i = 0; i < names.size(); i++) {
            template.append('{').append(names.get(i)).append('}').append(literals.get(i + 1));
        }
        RowEncoder encoder;
        JobSpec job;
        try {
            job = JobJson.job("{ window: " + window + ", groupBy: ['a', 'b'], aggregate: { n: 'count' },"
                    + " output: { topic: 'out', key: " + JSON.valueToTree(template.toString()) + " } }");
            encoder = new RowEncoder(job);
        } catch (InvalidJobException e) {
            // Not a template.
            Assume.that(false);
            return;
        }
        CellTable table = new CellTable(CellLayout.of(job), 10_000);
        for (List<GroupValue> each : groups) {
            for (int i = -2; i < 5; i++) {
                // Around the end of summer time in Berlin, and of its local mean time.
                add(table, field.isEmpty() ? 0 : 1_193_533_200_000L + i * HOUR, each);
                add(table, field.isEmpty() ? 0 : -2_422_054_408_000L + i * HOUR, each);
            }
        }
        Map<String, List<Object>> cells = new HashMap<>();
        for (int slot = 0; slot < table.size(); slot++) {
            String key = new String(encoder.key(table, slot), StandardCharsets.UTF_8);
            String windowText = RowWindows.of(job.window()).text(table.window(slot));
            List<Object> cell = List.of(windowText, GroupKey.values(table.key(slot)));
            assertThat(cells.merge(key, cell, (was, is) -> was))
                    .as("%s by %s", key, template)
                    .isEqualTo(cell);
        }
    }

    private static void add(CellTable table, long time, List<GroupValue> group) {
        byte[] key = GroupKey.of(group);
        try {
            table.add(table.findOrAdd(time, key, 0, key.length), new double[0]);
        } catch (TooManyCellsException e) {
            throw new AssertionError(e);
        }
    }

    @Provide
    Arbitrary<List<String>> literals() {
        Arbitrary<String> one = Arbitraries.of(
                        "/", "-", ":", "0", "2", "F", "25", "\"", "a", "e", ".", "é", "𝄞", "", "true", "T", ":28")
                .list()
                .ofMaxSize(2)
                .map(parts -> String.join("", parts));
        return one.list().ofSize(4);
    }

    @Provide
    Arbitrary<String> windows() {
        return Arbitraries.of(
                "{ every: 'day', zone: 'Europe/Berlin' }",
                "{ every: 'hour', zone: 'Europe/Berlin' }",
                "'15m'",
                "{ every: '15m', span: 3 }",
                "{ every: 'day', zone: 'Europe/Berlin', span: 7 }",
                "'none'");
    }

    @Provide
    Arbitrary<List<List<GroupValue>>> groups() {
        return Groups.values().list().ofSize(2).list().ofMinSize(2).ofMaxSize(12);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "STRING  | kitchen | 1970-01-01/kitchen",
                "STRING  | a/b     | 1970-01-01/a%2Fb",
                "STRING  | 50%     | 1970-01-01/50%25",
                "STRING  | 7       | 1970-01-01/\"7\"",
                "NUMBER  | 7       | 1970-01-01/7",
                "BOOLEAN | true    | 1970-01-01/true",
                "STRING  | true    | 1970-01-01/\"true\"",
                "STRING  | \"x\"   | 1970-01-01/\"\\\"x\\\"\""
            })
    void aTemplateKeepsValuesReadable(GroupType type, String text, String key) throws Exception {
        JobSpec job = JobJson.job("{ groupBy: ['g'], output: { topic: 'out', key: '{date}/{g}' } }");
        CellTable table = new CellTable(CellLayout.of(job), 10);
        byte[] group = GroupKey.of(List.of(new GroupValue(type, text)));
        int slot = table.findOrAdd(0, group, 0, group.length);

        assertThat(new String(new RowEncoder(job).key(table, slot), StandardCharsets.UTF_8))
                .isEqualTo(key);
    }

    /** Which characters are encoded depends on the text of the template, ASCII or not. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "é{g}𝄞{date}-{h} | é/𝄞è%~ | é%C3%A9/%F0%9D%84%9Eè%25~𝄞1970-01-01-1%2D2",
                "{h}~{g}/{date}   | é~%/-    | 1-2~é%7E%25%2F-/1970-01-01",
                "{h}\u0080{g}\u0080{date} | \u0080\u0081\u007f | 1-2\u0080%C2%80\u0081\u007f\u00801970-01-01"
            })
    void charactersOfTheTemplateAreEncodedInGroups(String template, String group, String key) throws Exception {
        String changes = "{ groupBy: ['g', 'h'], output: { topic: 'out', key: '" + template + "' } }";
        JobSpec job = JobJson.job(changes);
        CellTable table = new CellTable(CellLayout.of(job), 10);
        byte[] bytes =
                GroupKey.of(List.of(new GroupValue(GroupType.STRING, group), new GroupValue(GroupType.STRING, "1-2")));
        int slot = table.findOrAdd(0, bytes, 0, bytes.length);

        assertThat(new String(new RowEncoder(job).key(table, slot), StandardCharsets.UTF_8))
                .isEqualTo(key);
    }

    @Property
    void theDefaultKeyIsAJsonObjectOfWindowAndGroups(@ForAll("groups") List<List<GroupValue>> groups) throws Exception {
        JobSpec job = JobJson.job("{ groupBy: ['a', 'b'] }");
        CellTable table = new CellTable(CellLayout.of(job), 1_000);
        for (List<GroupValue> each : groups) {
            byte[] key = GroupKey.of(each);
            int slot = table.findOrAdd(0, key, 0, key.length);
            JsonNode json = JSON.readTree(new RowEncoder(job).key(table, slot));

            assertThat(json.get("date").textValue()).isEqualTo("1970-01-01");
            assertThat(json.get("a").asText()).isEqualTo(asJson(each.get(0)).asText());
            assertThat(json.get("b").getNodeType())
                    .isEqualTo(asJson(each.get(1)).getNodeType());
        }
    }

    private static JsonNode asJson(GroupValue value) throws Exception {
        return value.type() == GroupType.STRING ? JSON.valueToTree(value.text()) : JSON.readTree(value.text());
    }

    @Property
    void doublesAreWrittenInTheShortestFormThatReadsBack(@ForAll double value) throws Exception {
        Assume.that(Double.isFinite(value));
        JobSpec job = JobJson.job("{ aggregate: { v: { max: 'x' } }, window: 'none' }");
        CellTable table = new CellTable(CellLayout.of(job), 1);
        table.add(table.findOrAdd(0, new byte[0], 0, 0), new double[] {value});

        String json = new String(new RowEncoder(job).value(table, 0), StandardCharsets.UTF_8);

        String number = json.substring("{\"v\":".length(), json.length() - 1);
        assertThat(Double.parseDouble(number)).isEqualTo(value);
        assertThat(new BigDecimal(number).stripTrailingZeros().precision())
                .isLessThanOrEqualTo(new BigDecimal(Double.toString(value))
                        .stripTrailingZeros()
                        .precision());
    }

    @Test
    void aShortNumberIsNotWrittenLong() throws Exception {
        JobSpec job = JobJson.job("{ aggregate: { v: { max: 'x' } }, window: 'none' }");
        CellTable table = new CellTable(CellLayout.of(job), 1);
        // Double.toString of Java 17 gives 2.0000000000000002E-3 or the like for some of these.
        table.add(table.findOrAdd(0, new byte[0], 0, 0), new double[] {2.2E-322});

        assertThat(new String(new RowEncoder(job).value(table, 0), StandardCharsets.UTF_8))
                .isEqualTo("{\"v\":2.2e-322}");
    }

    @Test
    void aCountIsAnIntegerAndASumADouble() throws Exception {
        JobSpec job = JobJson.job("{ aggregate: { n: 'count', s: { sum: 'x' } }, window: 'none' }");
        CellTable table = new CellTable(CellLayout.of(job), 1);
        table.addPartial(table.findOrAdd(0, new byte[0], 0, 0), 9_007_199_254_740_993L, new double[] {3, 0}, 0);

        assertThat(new String(new RowEncoder(job).value(table, 0), StandardCharsets.UTF_8))
                .isEqualTo("{\"n\":9007199254740993,\"s\":3.0}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ every: 'day', zone: 'Europe/Berlin' } | 2007-03-25T12:00:00Z | 2007-03-25 | 2007-03-25T00:00:00+01:00 | 2007-03-26T00:00:00+02:00",
                "{ every: 'day', zone: 'Europe/Berlin', dayBegins: '06:00' } | 2007-03-25T02:00:00Z | 2007-03-24 | 2007-03-24T06:00:00+01:00 | 2007-03-25T06:00:00+02:00",
                "{ every: 'hour', zone: 'Europe/Berlin' } | 2007-10-28T00:30:00Z | 2007-10-28T02:00+02:00 | 2007-10-28T02:00:00+02:00 | 2007-10-28T02:00:00+01:00",
                "{ every: 'quarter' } | 2006-12-23T16:52:00Z | 2006-Q4 | 2006-10-01T00:00:00Z | 2007-01-01T00:00:00Z",
                "{ every: 'year' } | 9999-12-30T00:00:00Z | 9999 | 9999-01-01T00:00:00Z | +10000-01-01T00:00:00Z",
                "{ every: 'week', weekBegins: 'sunday' } | 2006-12-23T16:52:00Z | 2006-12-17 | 2006-12-17T00:00:00Z | 2006-12-24T00:00:00Z",
                "{ every: '5m', span: 12 } | 2006-12-23T16:52:00Z | 2006-12-23T15:55:00Z/2006-12-23T16:55:00Z | 2006-12-23T15:55:00Z | 2006-12-23T16:55:00Z",
                "{ every: 'day', zone: 'Europe/Berlin', span: 7 } | 2007-03-25T12:00:00Z | 2007-03-19T00:00:00+01:00/2007-03-26T00:00:00+02:00 | 2007-03-19T00:00:00+01:00 | 2007-03-26T00:00:00+02:00",
                "'250ms' | 1970-01-01T00:00:00.300Z | 1970-01-01T00:00:00.250Z | 1970-01-01T00:00:00.25Z | 1970-01-01T00:00:00.5Z",
            })
    void aRowShowsWhereItsWindowBeginsAndEnds(String window, Instant time, String text, String start, String end)
            throws Exception {
        JobSpec job = JobJson.job("{ window: " + window + ", aggregate: { n: 'count' }, output: { topic: 'out', row: {"
                + " name: '{window}', from: '{window.start}', to: '{window.end}', a: '{window.startMillis}', b:"
                + " '{window.endMillis}', n: '{n}' } } }");
        CellTable table = new CellTable(CellLayout.of(job), 1);
        long of = WindowAssigner.of(job.window()).start(time.toEpochMilli());
        table.add(table.findOrAdd(of, new byte[0], 0, 0), new double[0]);

        assertThat(new String(new RowEncoder(job).value(table, 0), StandardCharsets.UTF_8))
                .isEqualTo("{\"name\":\"" + text + "\",\"from\":\"" + start + "\",\"to\":\"" + end + "\",\"a\":"
                        + OffsetDateTime.parse(start).toInstant().toEpochMilli() + ",\"b\":"
                        + OffsetDateTime.parse(end).toInstant().toEpochMilli() + ",\"n\":1}");
    }

    @Test
    void aRowHasTheFieldsOfTheJobInTheirOrder() throws Exception {
        String output =
                "output: { topic: 'out', row: { total: '{s}', who: '{a}', 'of day': '{date}', records: '{count}',"
                        + " again: '{n}' }";
        String rest = "groupBy: ['a', 'b'], aggregate: { n: 'count', s: { sum: 'x' } }";

        assertThat(row("{ " + rest + ", " + output + " } }"))
                .isEqualTo("{\"total\":3.0,\"who\":\"k\",\"of day\":\"1970-01-01\",\"records\":9007199254740993,"
                        + "\"again\":9007199254740993}");
        assertThat(row("{ " + rest + ", " + output + ", numbers: 'text' } }"))
                .isEqualTo("{\"total\":\"3.0\",\"who\":\"k\",\"of day\":\"1970-01-01\","
                        + "\"records\":\"9007199254740993\",\"again\":\"9007199254740993\"}");
        // A group that is a number stays one, or the string 7 and the number 7 would look alike.
        assertThat(row("{ " + rest + ", output: { topic: 'out', numbers: 'text' } }"))
                .isEqualTo("{\"date\":\"1970-01-01\",\"a\":\"k\",\"b\":7,\"n\":\"9007199254740993\",\"s\":\"3.0\"}");
    }

    /** An aggregate with the name of a common source is meant, as in the key of a row. */
    @Test
    void aNameOfTheJobComesBeforeACommonOne() throws Exception {
        assertThat(row("{ groupBy: ['window.start', 'b'], aggregate: { count: { sum: 'x' } },"
                        + " output: { topic: 'out', row: { c: '{count}', w: '{window.start}' } } }"))
                .isEqualTo("{\"c\":3.0,\"w\":\"k\"}");
    }

    private static String row(String changes) throws Exception {
        JobSpec job = JobJson.job(changes);
        CellTable table = new CellTable(CellLayout.of(job), 1);
        byte[] key = GroupKey.of(List.of(new GroupValue(GroupType.STRING, "k"), new GroupValue(GroupType.NUMBER, "7")));
        table.addPartial(table.findOrAdd(0, key, 0, key.length), 9_007_199_254_740_993L, new double[] {3, 0}, 0);
        return new String(new RowEncoder(job).value(table, 0), StandardCharsets.UTF_8);
    }

    @Test
    void aSumBeyondTheRangeIsNamed() throws Exception {
        JobSpec job = JobJson.job("{ aggregate: { n: 'count', total: { mean: 'x' } } }");
        CellTable table = new CellTable(CellLayout.of(job), 1);
        table.add(table.findOrAdd(0, new byte[0], 0, 0), new double[] {1e308});
        table.add(0, new double[] {1e308});

        assertThatThrownBy(() -> new RowEncoder(job).value(table, 0))
                .isInstanceOf(NotFiniteException.class)
                .hasMessage("aggregate.total: the mean of x is not a finite number; the sum of its values is beyond the"
                        + " range of a double");
    }
}
