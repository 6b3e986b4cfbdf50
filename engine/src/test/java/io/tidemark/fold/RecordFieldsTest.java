package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.json.MalformedRecordException.Reason;
import io.tidemark.row.RowEncoder;
import io.tidemark.testkit.JobJson;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups, conditions and times of keys, headers and places. */
class RecordFieldsTest {
    private static final long TIME = 1_166_892_720_000L;

    private final HeaderBytes headerBytes = new HeaderBytes(more -> {});

    private static JobSpec job(String input, String rest) {
        return JobJson.job("{ input: { topic: 'in', timestamp: 'record' " + input + " }, aggregate: { n: 'count' }, "
                + rest + " }");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private InputRecord record(byte @Nullable [] key, Map<String, byte @Nullable []> headers, String value) {
        InputRecord record = new InputRecord();
        record.setPlace(3, 42, TIME);
        record.setContent(key == null ? null : ByteBuffer.wrap(key), ByteBuffer.wrap(utf8(value)));
        headerBytes.begin(headers.size());
        headers.forEach(headerBytes::add);
        headerBytes.set(record);
        return record;
    }

    /** The group of a record, as texts in which a string can be told from a number; empty if it is filtered. */
    private static List<String> group(JobSpec job, InputRecord record) throws Exception {
        CellTable table = new CellTable(CellLayout.of(job), 10);
        new JobFolder(job).fold(table, null, record);
        return table.size() == 0 ? List.of() : groupOf(table, 0);
    }

    private static List<String> groupOf(CellTable table, int slot) {
        return GroupKey.values(table.key(slot)).stream().map(GroupValue::plain).toList();
    }

    @Test
    void aGroupIsTheKeyAHeaderOrAPlace() throws Exception {
        JobSpec job = job(
                "",
                "groupBy: [{ key: true, as: 'k' }, { header: 'tenant' }, { meta: 'partition' }, { meta: 'offset' },"
                        + " { meta: 'timestamp' }, 'v']");

        assertThat(group(job, record(utf8("ä\"\\7"), Map.of("tenant", utf8("7")), "{\"v\":1.0}")))
                .containsExactly("ä\"\\7", "\"7\"", "3", "42", String.valueOf(TIME), "1");
    }

    @Test
    void aKeyIsAWholeNumberOrJson() throws Exception {
        JobSpec whole = job(", key: 'long'", "groupBy: [{ key: true, as: 'k' }]");
        for (long each : new long[] {0, 7, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            byte[] key = ByteBuffer.allocate(8).putLong(each).array();
            assertThat(group(whole, record(key, Map.of(), "{}")))
                    .containsExactly(GroupValue.parsePlain(numeral(each)).text());
        }
        JobSpec json = job(", key: 'json'", "groupBy: [{ key: 'a.b', as: 'k' }, { key: 'c' }, 'a.b']");
        assertThat(group(json, record(utf8("{\"c\":true,\"a\":{\"b\":\"\\u0078\"}}"), Map.of(), "{\"a\":{\"b\":2}}")))
                .containsExactly("x", "true", "2");
    }

    private static String numeral(long number) throws Exception {
        // The form that numbers of records get in a group.
        JobSpec job = job("", "groupBy: ['v']");
        InputRecord record = new InputRecord();
        byte[] value = utf8("{\"v\":" + number + "}");
        record.setContent(value, 0, InputRecord.NULL, 0, value.length);
        return group(job, record).get(0);
    }

    @Test
    void theLastHeaderOfANameCounts() throws Exception {
        JobSpec job = job("", "groupBy: [{ header: 'a' }, { header: 'ä', absent: 'none' }]");
        InputRecord record = record(null, Map.of(), "{}");
        headerBytes.begin(4);
        headerBytes.add("a", utf8("first"));
        headerBytes.add("ab", utf8("other"));
        headerBytes.add("ä", null);
        headerBytes.add("a", utf8("last".repeat(50)));
        headerBytes.set(record);

        assertThat(group(job, record)).containsExactly("last".repeat(50), "none");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '~', textBlock = """
            {}¦                       -¦ 7¦ false
            {"a":null,"b":null}¦      -¦ 7¦ false
            {"a":"x","b":7.0,"c":true}¦ x¦ 7¦ true
            """)
    void anAbsentFieldHasTheValueOfTheJob(String value, String a, String b, String c) throws Exception {
        JobSpec job = job(
                "", "groupBy: [{ path: 'a', absent: '-' }, { path: 'b', absent: 7 }, { path: 'c', absent: false }]");

        assertThat(group(job, record(null, Map.of(), value))).containsExactly(a, b, c);
    }

    @Test
    void anAbsentKeyHasTheValueOfTheJobAndAnEmptyOneIsNotAbsent() throws Exception {
        JobSpec job = job("", "groupBy: [{ key: true, as: 'k', absent: 'none' }]");

        assertThat(group(job, record(null, Map.of(), "{}"))).containsExactly("none");
        assertThat(group(job, record(new byte[0], Map.of(), "{}"))).containsExactly("");
    }

    @Test
    void oneRecordLeavesNothingToTheNext() throws Exception {
        JobSpec job = job("", "groupBy: [{ header: 'h', absent: '-' }, { path: 'p', absent: '-' }]");
        CellTable table = new CellTable(CellLayout.of(job), 10);
        JobFolder folder = new JobFolder(job);
        folder.fold(table, null, record(null, Map.of("h", utf8("1st")), "{\"p\":\"one\"}"));
        folder.fold(table, null, record(null, Map.of(), "{}"));
        InputRecord bare = new InputRecord();
        bare.setContent(utf8("{}"), 0, InputRecord.NULL, 0, 2);
        folder.fold(table, null, bare);

        assertThat(table.size()).isEqualTo(3);
        assertThat(groupOf(table, 0)).containsExactly("1st", "one");
        assertThat(groupOf(table, 1)).containsExactly("-", "-");
    }

    private void refused(JobSpec job, InputRecord record, Reason reason, String message) {
        assertThatThrownBy(() -> group(job, record))
                .isInstanceOfSatisfying(
                        MalformedRecordException.class,
                        e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessage(message);
    }

    @Test
    void aKeyOrHeaderThatCannotBeReadMakesABadRecord() {
        byte[] noText = {'a', (byte) 0xC3};
        JobSpec text = job("", "groupBy: [{ key: true, as: 'k' }]");
        refused(text, record(null, Map.of(), "{}"), Reason.FIELD_MISSING, "{key} is missing");
        refused(text, record(noText, Map.of(), "{}"), Reason.WRONG_TYPE, "{key} is not a text in UTF-8");
        JobSpec whole = job(", key: 'long'", "groupBy: [{ key: true, as: 'k' }]");
        refused(
                whole,
                record(noText, Map.of(), "{}"),
                Reason.WRONG_TYPE,
                "{key} has 2 bytes, and input.key: long needs 8");
        JobSpec json = job(", key: 'json'", "groupBy: [{ key: 'a.b', as: 'k' }]");
        refused(json, record(null, Map.of(), "{}"), Reason.FIELD_MISSING, "{key: a.b} is missing");
        refused(
                json,
                record(utf8("7"), Map.of(), "{}"),
                Reason.NOT_JSON,
                "{key} cannot be read: not JSON at byte 0: a JSON object must begin here");
        refused(
                json,
                record(utf8("{\"a\":{\"b\":[]}}"), Map.of(), "{}"),
                Reason.WRONG_TYPE,
                "{key: a.b} is not a string, number, true or false but an array");
        JobSpec header = job("", "groupBy: [{ header: 'x.y' }]");
        refused(header, record(null, Map.of(), "{}"), Reason.FIELD_MISSING, "{header: x.y} is missing");
        Map<String, byte @Nullable []> none = new LinkedHashMap<>();
        none.put("x.y", null);
        refused(
                header,
                record(null, none, "{}"),
                Reason.WRONG_TYPE,
                "{header: x.y} is not a string, number, true or false but null");
        refused(
                header,
                record(null, Map.of("x.y", noText), "{}"),
                Reason.WRONG_TYPE,
                "{header: x.y} is not a text in UTF-8");
        refused(
                header,
                record(null, Map.of("x.y", utf8("a")), "7"),
                Reason.NOT_JSON,
                "not JSON at byte 0: a JSON object must begin here");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '~', textBlock = """
            key() == "dev-1"¦                                  true
            key().startsWith("dev-")¦                          true
            key() in ["a", "b"]¦                               false
            header("tenant") != "a"¦                           false
            has(header("none")) && header("none") == "x"¦      false
            !has(header("none"))¦                              true
            partition() == 3 && offset() > 41 && offset() < 43¦ true
            timestamp() == 1166892720000¦                      true
            timestamp() == at¦                                 true
            partition() in [0, 1]¦                             false
            key() == name¦                                     true
            """)
    void aConditionSeesThem(String where, boolean counts) throws Exception {
        JobSpec job = job("", "where: '" + where + "', groupBy: [{ key: true, as: 'k' }]");
        InputRecord record =
                record(utf8("dev-1"), Map.of("tenant", utf8("a")), "{\"at\":1166892720000,\"name\":\"dev-\\u0031\"}");

        assertThat(group(job, record)).hasSize(counts ? 1 : 0);
    }

    @Test
    void anAggregateIsOfAHeaderOrTheKey() throws Exception {
        JobSpec job = JobJson.job(
                "{ input: { topic: 'in', timestamp: 'record' }, aggregate: { keys: { distinct: { key: true } },"
                        + " paid: { sum: { header: 'paid' }, decimal: 2, where: 'has(header(\"paid\"))' },"
                        + " last: { max: { meta: 'offset' } } } }");
        CellTable table = new CellTable(CellLayout.of(job), 10);
        JobFolder folder = new JobFolder(job);
        folder.fold(table, null, record(utf8("a"), Map.of("paid", utf8("1.10")), "{}"));
        folder.fold(table, null, record(utf8("b"), Map.of("paid", utf8("2.2")), "{}"));
        folder.fold(table, null, record(utf8("a"), Map.of(), "{}"));

        assertThat(new RowEncoder(job).value(table, 0))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("{\"date\":\"2006-12-23\",\"keys\":2,\"paid\":3.30,\"last\":42.0}");
    }

    @Test
    void aRecordWithoutATimestampHasNone() throws Exception {
        JobSpec job = JobJson.job("{ window: 'none', where: 'has(timestamp())', aggregate: { n: 'count' },"
                + " input: { topic: 'in', timestamp: 'record' } }");
        InputRecord record = record(null, Map.of(), "{}");
        CellTable table = new CellTable(CellLayout.of(job), 10);
        JobFolder folder = new JobFolder(job);

        assertThat(folder.fold(table, null, record)).isEqualTo(Fate.FOLDED);
        record.setPlace(0, 0, -1);
        assertThat(folder.fold(table, null, record)).isEqualTo(Fate.FILTERED);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '~', textBlock = """
            { header: 'at' }, format: 'iso'¦                             string
            { header: 'millis' }, format: 'epochMillis', quoted: true¦   string
            { key: true }, format: 'epochMillis' }, key: 'long'¦         long
            { key: 'at' }, format: 'iso' }, key: 'json'¦                 json
            """)
    void aTimeIsOfAHeaderOrTheKey(String field, String form) throws Exception {
        JobSpec job =
                JobJson.job("{ window: 'hour', aggregate: { n: 'count' }, input: { topic: 'in', timestamp: { field: "
                        + field + (form.equals("string") ? "}" : "") + " } }");
        byte[] key = form.equals("long")
                ? ByteBuffer.allocate(8).putLong(TIME).array()
                : utf8("{\"at\":\"2006-12-23T16:52:00Z\"}");
        InputRecord record =
                record(key, Map.of("at", utf8("2006-12-23T16:52:00Z"), "millis", utf8(String.valueOf(TIME))), "{}");
        record.setPlace(0, 0, 5);
        CellTable table = new CellTable(CellLayout.of(job), 10);
        new JobFolder(job).fold(table, null, record);

        assertThat(table.window(0)).isEqualTo(TIME / 3_600_000 * 3_600_000);
    }

    /** The smallest long has no magnitude in a long. */
    @ParameterizedTest
    @ValueSource(
            longs = {Long.MIN_VALUE, Long.MIN_VALUE + 1, Long.MAX_VALUE, -100_000_000_000_000L, 100_000_000_000_000L})
    void aTimeThatIsBeyondTheCalendarMakesABadRecord(long seconds) {
        JobSpec job = JobJson.job("{ window: 'hour', aggregate: { n: 'count' }, input: { topic: 'in',"
                + " timestamp: { field: { key: true }, format: 'epochSeconds' }, key: 'long' } }");

        refused(
                job,
                record(ByteBuffer.allocate(8).putLong(seconds).array(), Map.of(), "{}"),
                Reason.BAD_TIME,
                "{key} is not a number of seconds since 1970 within the years 1 to 9999");
    }

    @Test
    void aLongKeyIsRefusedBeforeItIsCopied() {
        JobSpec job = job("", "groupBy: [{ key: true, as: 'k' }], badRecords: { groupBytes: 10 }");
        byte[] key = new byte[100];
        Arrays.fill(key, (byte) 'x');

        refused(
                job,
                record(key, Map.of(), "{}"),
                Reason.GROUP_TOO_LONG,
                "{key} makes the values of groupBy longer than badRecords.groupBytes, which is 10");
    }

    @Test
    void aJobOfPathsAloneIsFoldedByTheRecordFolder() {
        List<String> plain =
                new ArrayList<>(List.of("groupBy: ['a']", "where: 'a > 5'", "groupBy: [{ path: 'a', as: 'b' }]"));
        plain.forEach(each ->
                assertThat(RecordFields.areNeeded(job("", each))).as(each).isFalse());
        for (String each :
                List.of("groupBy: [{ path: 'a', absent: 1 }]", "where: 'offset() > 5'", "groupBy: [{ header: 'h' }]")) {
            assertThat(RecordFields.areNeeded(job("", each))).as(each).isTrue();
        }
    }

    /** What the record before had is not taken for its own. */
    @Test
    void aRecordWithoutAKeyHasNoneAlsoAfterOneWithAKey() throws Exception {
        JobSpec text = job("", "groupBy: [{ key: true, as: 'k', absent: 'none' }]");
        JobSpec json = job(", key: 'json'", "groupBy: [{ key: 'id', as: 'k', absent: 'none' }]");

        for (JobSpec job : List.of(text, json)) {
            CellTable table = new CellTable(CellLayout.of(job), 10);
            JobFolder folder = new JobFolder(job);
            folder.fold(table, null, record(utf8("{\"id\":\"a\"}"), Map.of(), "{}"));
            folder.fold(table, null, record(null, Map.of(), "{}"));
            assertThat(table.size()).isEqualTo(2);
            assertThat(groupOf(table, 1)).containsExactly("none");
        }
    }

    /** The first time that counts is the beginning of 1970, the last one is in the year 9999. */
    @Test
    void aTimestampMayBeZeroButNotBeyondTheCalendar() throws Exception {
        JobSpec job = job("", "window: { every: 'day', zone: 'UTC' }, groupBy: [{ meta: 'timestamp' }]");
        CellTable table = new CellTable(CellLayout.of(job), 10);
        JobFolder folder = new JobFolder(job);
        InputRecord record = record(null, Map.of(), "{}");
        record.setPlace(0, 0, 0);
        folder.fold(table, null, record);

        assertThat(groupOf(table, 0)).containsExactly("0");
        for (long wrong : new long[] {-1, 253_402_214_400_000L}) {
            record.setPlace(0, 1, wrong);
            assertThatThrownBy(() -> folder.fold(table, null, record)).isInstanceOf(MalformedRecordException.class);
        }
        record.setPlace(0, 1, 253_402_214_399_999L);
        folder.fold(table, null, record);
        assertThat(table.size()).isEqualTo(2);
    }
}
