package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.FieldRef.Header;
import io.tidemark.job.FieldRef.Key;
import io.tidemark.job.FieldRef.KeyField;
import io.tidemark.job.FieldRef.Meta;
import io.tidemark.job.FieldRef.Path;
import io.tidemark.testkit.JobJson;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs that read keys, headers and places of records. */
class FieldsFromAnywhereTest {
    private static final String INPUT = "input: { topic: 'in', timestamp: 'record' %s }";

    /** A job whose input has these fields more, with these groups. */
    private static JobSpec job(String input, String groups) {
        return JobJson.job("{" + String.format(INPUT, input) + ", groupBy: " + groups + "}");
    }

    @Test
    void eachReferenceHasATextOfItsOwn() {
        for (FieldRef each : List.of(
                new Path("key"),
                new Path("a[\"{x: y\"]"),
                new Key(),
                new KeyField("device.id"),
                new KeyField("true"),
                new Header("tenant"),
                new Header("a: {b}"),
                new Meta(Meta.Kind.OFFSET))) {
            assertThat(FieldRef.of(each.text())).isEqualTo(each);
        }
    }

    @Test
    void groupsHaveTheNamesOfTheirFieldsOrThoseThatTheJobGives() {
        JobSpec job = job(
                ", key: 'json'",
                "['a.b', { path: 'a.c', as: 'c' }, { key: 'd[\"e.f\"]' }, { header: 'tenant' }, { header: '{x}', as: 'x' },"
                        + " { meta: 'partition' }]");

        assertThat(job.groupNames()).containsExactly("a.b", "c", "d.e.f", "tenant", "x", "partition");
        assertThat(job.fields())
                .containsExactly(
                        "a.b",
                        "a.c",
                        "{key: d[\"e.f\"]}",
                        "{header: tenant}",
                        "{header: {x}}",
                        "{meta: partition}",
                        "voltage");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{ path: 'site.country' }", "{ path: 'site.country', as: 'site.country' }"})
    void anObjectThatSaysNoMoreThanAPathIsThePath(String group) {
        JobSpec plain = job("", "['site.country']");

        assertThat(job("", "[" + group + "]")).isEqualTo(plain);
        assertThat(JobFingerprint.of(plain).meaning().path("groupBy")).hasToString("[\"site.country\"]");
        assertThat(JobFingerprint.of(plain).meaning().path("input").has("key")).isFalse();
    }

    @Test
    void allOfAGroupIsPartOfTheFingerprint() {
        assertThat(JobFingerprint.of(
                                job(
                                        ", key: 'long'",
                                        "[{ key: true, as: 'device' }, { header: 'tenant', absent: 7 }, { path: 'a', as: 'b' }]"))
                        .meaning()
                        .path("groupBy"))
                .hasToString("[{\"key\":true,\"as\":\"device\"},{\"header\":\"tenant\",\"absent\":7},"
                        + "{\"path\":\"a\",\"as\":\"b\"}]");
        assertThat(JobFingerprint.of(job(", key: 'long'", "[{ key: true, as: 'device' }]"))
                        .meaning()
                        .path("input")
                        .path("key"))
                .hasToString("\"long\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '~', textBlock = """
            ¦ [7]¦                                     groupBy[0]: must be a path such as voltage
            ¦ [{}]¦                                    groupBy[0]: does not say where the value comes from; write one of path, key, header, meta, such as { header: tenant }
            ¦ [{ as: 'x' }]¦                           groupBy[0]: does not say where the value comes from
            ¦ [{ headr: 'x' }]¦                        groupBy[0].headr: is not a known field; did you mean header?
            ¦ [{ path: 'a', header: 'b' }]¦            groupBy[0].header: does not go with path; remove one of the two
            ¦ [{ key: true }]¦                         groupBy[0]: needs a name for rows; write { key: true, as: device }
            ¦ [{ key: false, as: 'k' }]¦               groupBy[0].key: must be true for the whole key, or a path into a key that is JSON, but is false
            ¦ [{ header: '{a}' }]¦                     groupBy[0]: needs a name for rows; write { header: …, as: device }
            ¦ [{ header: '' }]¦                        groupBy[0].header: must be the name of a header, but is ''
            ¦ [{ header: 'a', as: '{a}' }]¦            groupBy[0].as: must be a name without braces, such as country, but is '{a}'
            ¦ [{ header: 'a', absent: [] }]¦           groupBy[0].absent: must be a string, a number, true or false, such as "unknown", but is []
            ¦ [{ meta: 'offset', absent: 0 }]¦         groupBy[0]: has absent, but every record has its offset; remove absent
            ¦ [{ meta: 'topic' }]¦                     groupBy[0].meta: must be partition, offset or timestamp, but is 'topic'
            ¦ [{ header: 'a' }, 'a']¦                  groupBy[1]: must be a new name in the row, but 'a' is already one; give it another by as: …
            ¦ ['a', { path: 'a', as: 'b' }]¦           groupBy[1]: groups by a again; remove it
            ¦ [{ key: 'id' }]¦                         groupBy[0]: reads a field of the key, but input.key is string; add input.key: json
            , key: 'json'¦ [{ key: true, as: 'k' }]¦   groupBy[0]: reads the whole key, but input.key is json; name a field of the key, such as { key: id }, or remove input.key
            , key: 'json'¦ ['a']¦                      input.key: is json, but nothing in the job reads the key; remove it, or add { key: id } to groupBy
            , key: 'long'¦ ['a']¦                      input.key: is long, but nothing in the job reads the key; remove it, or add { key: true, as: id } to groupBy
            """)
    void whatMakesNoSenseIsRefusedWithTheNearestRightForm(String input, String groups, String message) {
        assertThatThrownBy(() -> job(input == null ? "" : input, groups)).hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '~', textBlock = """
            { meta: 'timestamp' }, format: 'epochMillis'¦              input.timestamp.field: must hold a time; for the timestamp of the Kafka record write timestamp: record
            { header: 'at' }, format: 'epochMillis'¦                   input.timestamp.quoted: must be true, because {header: at} is a text; add quoted: true
            { value: 'at' }, format: 'iso'¦                            input.timestamp.field.value: is not a known field; known here are key, header, meta
            """)
    void aTimeIsReadWhereOneCanBe(String field, String message) {
        assertThatThrownBy(() -> JobJson.job("{ input: { topic: 'in', timestamp: { field: " + field + " } } }"))
                .hasMessageStartingWith(message);
    }

    @Test
    void anAggregateReadsThem() {
        JobSpec job =
                JobJson.job("{ aggregate: { users: { distinct: { header: 'user' } }, top: { max: { meta: 'offset' } },"
                        + " paid: { sum: { header: 'paid' }, decimal: 2, where: 'has(header(\"paid\"))' } } }");

        assertThat(JobSpec.fromJson(job.toJson())).isEqualTo(job);
        assertThat(job.readsHeaders()).isTrue();
        assertThatThrownBy(() -> JobJson.job("{ aggregate: { paid: { sum: { header: 'paid' } } } }"))
                .hasMessage(
                        "aggregate.paid: reads a number, but {header: paid} is a text; add decimal: 2 or integer: true,"
                                + " which read numbers in texts");
        assertThatThrownBy(() -> JobJson.job("{ aggregate: { n: { count: '*', where: 'key().a == 1' } } }"))
                .hasMessage(
                        "aggregate.n.where: reads a field of the key, but input.key is string; add input.key: json");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '~', textBlock = """
            header('tenant') == 'a' && key() != "b"¦         header("tenant") == "a" && key() != "b"
            has(header("x")) && !key().startsWith("-")¦      has(header("x")) && !key().startsWith("-")
            key().a.b[0]['c.d'] > 5¦                         key().a.b[0]["c.d"] > 5
            key()["a.b"]¦                                    key()["a.b"]
            partition() == 3 || offset() >= 5¦               partition() == 3 || offset() >= 5
            has(timestamp()) && timestamp() < at¦            has(timestamp()) && timestamp() < at
            key == 1 && timestamp == 2¦                      key == 1 && timestamp == 2
            """)
    void aConditionReadsThem(String text, String written) {
        Condition condition = ConditionParser.parse(text);

        assertThat(condition.asText()).isEqualTo(written);
        assertThat(ConditionParser.parse(written)).isEqualTo(condition);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '~', textBlock = """
            header(a) == "x"¦                  where: header(...) takes the name of a header in quotes, at character 8
            header("a").b == 1¦                where: header(...) has no fields, at character 1
            partition().x == 1¦                where: partition(...) has no fields, at character 1
            key(1) == 1¦                       where: ')' must stand before '1', at character 5
            has(offset()) && a == 1¦           where: every record has its offset, at character 5
            header("a") == 5¦                  where: uses header("a") as a number, but it is a text
            key() == 5¦                        where: uses key() as a number, but it is a text
            partition() == "5"¦                where: uses partition() as a text, but it is a number
            key() == a && a > 5¦               where: uses a as a text, but where needs a number there
            key().id == 5¦                     where: reads a field of the key, but input.key is string; add input.key: json
            """)
    void aConditionThatCannotHoldIsRefused(String where, String message) {
        assertThatThrownBy(() -> JobCodec.read(TestJobs.where(where))).hasMessageStartingWith(message);
    }
}
