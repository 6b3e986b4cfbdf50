package io.tidemark.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.Condition;
import io.tidemark.json.FieldPath;
import io.tidemark.json.FieldScanner;
import io.tidemark.json.FieldValues;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
    private static final String RECORD = """
            {"status": 200, "big": 9007199254740993, "tiny": 4e-324, "host": "web-1.example.org", "path": "/a\\u002fb",
             "ok": true, "test": false, "left": null, "user": {"name": "Zoë", "ids": [7, 8], "full name": "Z"}, "limit": 2e2, "huge": 1e999, "http.status": 200}""";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status == 200",
                "status == 2e2",
                "200 == status",
                "status != 201",
                "status >= 200 && status < 300",
                "300 > status",
                "status > -1",
                "status in [404, 200]",
                "status == limit",
                "status <= limit",
                "big == 9007199254740993",
                "big != 9007199254740992",
                "big > 9007199254740992",
                "tiny < 5e-324",
                "host == 'web-1.example.org'",
                "host != \"web\"",
                "host in ['web-1.example.org']",
                "host.startsWith('web') && host.endsWith('.org') && host.contains('example')",
                "host < 'web-2'",
                "path == '/a/b'",
                "path == '\\u002fa/b'",
                "user.name == 'Zoë'",
                "user.ids[1] == 8",
                "ok",
                "ok == true",
                "ok != false",
                "!test",
                "test == false",
                "ok != test",
                "left == null",
                "host != null",
                "has(status)",
                "has(left)",
                "!has(nothing)",
                "!has(nothing) || nothing > 5",
                "nothing > 5 || status == 200",
                "ok || test && left == null",
                "(ok || test) && !(test || !ok)",
                "huge > 1e300",
                "huge > limit",
                "-1e3 < status",
                "host.matches('^web-[0-9]+')",
                "host.matches('example')",
                "user.name.matches('^Zo.$')",
                "[\"http.status\"] == 200",
                "user[\"full name\"] == 'Z'",
                "!!ok"
            })
    void accepts(String filter) throws Exception {
        assertThat(accepts(filter, RECORD)).as(filter).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status == 404",
                "status in [404, 500]",
                "big == 9007199254740992",
                "host.startsWith('web-1.example.org.')",
                "host.matches('^example')",
                "host.contains('org.') && ok",
                "host.endsWith('web')",
                "user.name < 'Zoe'",
                "ok == test",
                "has(nothing) && nothing > 5",
                "nothing > 5 && status == 404",
                "left != null && left > 5",
                "!ok"
            })
    void refuses(String filter) throws Exception {
        assertThat(accepts(filter, RECORD)).as(filter).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '~', textBlock = """
                    nothing == 5                  ; nothing is missing
                    nothing != 5                  ; nothing is missing
                    nothing == null               ; nothing is missing
                    status == '200'               ; status is not a text but a number
                    host == 200                   ; host is not a number but a string
                    host == status                ; status is not a text but a number
                    left > 5                      ; left is not a number but null
                    status                        ; status is not true or false but a number
                    !status                       ; status is not true or false but a number
                    ok < test                     ; ok is not a number or a text but true
                    user == 'Zoë'                 ; user is not a text but an object
                    nothing > 5 || status == 404  ; nothing is missing
                    status.contains('2')          ; status is not a text but a number
                    host in [200]                 ; host is not a number but a string
                    """)
    void aRecordIsBadThatLacksAFieldOrHasAnotherType(String filter, String message) {
        assertThatThrownBy(() -> accepts(filter, RECORD))
                .as(filter)
                .isInstanceOf(MalformedRecordException.class)
                .hasMessage(message);
    }

    @Test
    void theErrorOfOneRecordDoesNotReachTheNext() throws Exception {
        Condition where = condition("a > 1 || b > 1");
        List<FieldPath> fields = where.paths().stream().map(FieldPath::parse).toList();
        Filter filter = new Filter(where, where.paths()::indexOf);
        FieldScanner scanner = new FieldScanner(fields);
        FieldValues values = new FieldValues(fields);

        scan(scanner, "{\"b\": 2}", values);
        assertThat(filter.accepts(values)).isTrue();
        scan(scanner, "{\"a\": 0}", values);
        assertThatThrownBy(() -> filter.accepts(values)).hasMessage("b is missing");
        scan(scanner, "{\"a\": 0, \"b\": 0}", values);
        assertThat(filter.accepts(values)).isFalse();
    }

    private static Condition condition(String text) {
        return Objects.requireNonNull(JobJson.where(text).where());
    }

    private static boolean accepts(String text, String record) throws MalformedRecordException {
        Condition where = condition(text);
        List<FieldPath> fields = where.paths().stream().map(FieldPath::parse).toList();
        Filter filter = new Filter(where, where.paths()::indexOf);
        FieldValues values = new FieldValues(fields);
        scan(new FieldScanner(fields), record, values);
        return filter.accepts(values);
    }

    private static void scan(FieldScanner scanner, String record, FieldValues into) throws MalformedRecordException {
        byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
        scanner.scan(bytes, 0, bytes.length, into);
    }
}
