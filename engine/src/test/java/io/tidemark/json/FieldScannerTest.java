package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.job.InputSpec.Check;
import io.tidemark.json.FieldValues.FieldType;
import io.tidemark.json.MalformedRecordException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldScannerTest {
    private static final List<String> PATHS = List.of(
            "a", "b", "m.v", "m", "a.b", "a[0]", "a[1].b", "m.a[0]", "é", "𝄞", "m.m.m", "b[0][1]", "a b", "v/.v/");

    @Property(tries = 10_000)
    void readsWhatJacksonReads(@ForAll long seed) {
        Random random = new Random(seed);
        List<FieldPath> paths = somePaths(random);
        FieldScanner scanner = new FieldScanner(paths, Check.NEEDED);
        FieldValues values = new FieldValues(paths);
        JsonTexts texts = new JsonTexts(random);
        // The same scanner again and again: nothing of one record may show in the next.
        for (int i = 0; i < 5; i++) {
            byte[] json = texts.object();
            assertLikeJackson(json, paths, scanner, values);
            assertLikeJackson(texts.spoiled(json), paths, scanner, values);
        }
    }

    /** A scanner that has seen a layout before bets on it; what it reads must not show that. */
    @Property(tries = 3_000)
    void readsRecordsOfFewLayoutsAsJacksonDoes(@ForAll long seed) {
        Random random = new Random(seed);
        List<FieldPath> paths = somePaths(random);
        FieldScanner scanner = new FieldScanner(paths, Check.NEEDED);
        FieldValues values = new FieldValues(paths);
        int layouts = 1 + random.nextInt(6);
        for (int i = 0; i < 40; i++) {
            Random layout = new Random(seed + random.nextInt(layouts));
            JsonTexts texts = new JsonTexts(layout, random);
            byte[] json = texts.object();
            assertLikeJackson(json, paths, scanner, values);
            assertLikeJackson(new JsonTexts(random).spoiled(json), paths, scanner, values);
        }
    }

    /** What is found is the same; what follows the object is refused, unless it is white space. */
    @Property(tries = 5_000)
    void aWholeRecordIsOneValueWhateverItsLayout(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        List<FieldPath> paths = somePaths(random);
        FieldScanner scanner = new FieldScanner(paths, Check.WHOLE);
        FieldValues values = new FieldValues(paths);
        for (int i = 0; i < 20; i++) {
            JsonTexts texts = new JsonTexts(new Random(seed + random.nextInt(3)), random);
            byte[] one = texts.object();
            boolean malformed = false;
            try {
                new ObjectMapper().readTree(one);
            } catch (IOException surrogate) {
                malformed = true;
            }
            if (!malformed) {
                assertLikeJackson(one, paths, scanner, values);
            }
            byte[] two = concat(one, texts.object());
            assertThatThrownBy(() -> scan(scanner, two, values))
                    .as(latin(two))
                    .isInstanceOf(MalformedRecordException.class)
                    .hasMessageContaining("there is more than one value in the record, and the second begins here");
            assertThatThrownBy(() -> scan(scanner, Arrays.copyOf(one, latin(one).lastIndexOf('}')), values))
                    .as("without its last brace: %s", latin(one))
                    .isInstanceOf(MalformedRecordException.class)
                    .hasMessageContaining("it ends too early");
        }
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private static List<FieldPath> somePaths(Random random) {
        List<String> shuffled = new ArrayList<>(PATHS);
        Collections.shuffle(shuffled, random);
        return shuffled.subList(0, 1 + random.nextInt(4)).stream()
                .map(FieldPath::parse)
                .toList();
    }

    static void assertLikeJackson(byte[] json, List<FieldPath> paths, FieldScanner scanner, FieldValues values) {
        JacksonScan expected;
        try {
            expected = JacksonScan.scan(json, paths);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("surrogate")) {
                // Half a surrogate pair, which RFC 8259 allows; tested below.
                return;
            }
            assertThatThrownBy(() -> scan(scanner, json, values))
                    .as("Jackson refuses %s for %s: %s", latin(json), paths, e)
                    .isInstanceOfSatisfying(
                            MalformedRecordException.class,
                            malformed -> assertThat(malformed.reason()).isEqualTo(Reason.NOT_JSON));
            return;
        }
        try {
            scan(scanner, json, values);
        } catch (MalformedRecordException e) {
            throw new AssertionError("Jackson takes " + latin(json) + " for " + paths, e);
        }
        for (int i = 0; i < paths.size(); i++) {
            assertThat(values.type(i))
                    .as("%s in %s", paths.get(i).text(), latin(json))
                    .isEqualTo(expected.types[i]);
            if (values.type(i) == FieldType.STRING || values.type(i) == FieldType.NUMBER) {
                // A half of a surrogate pair has no bytes in UTF-8; copyText refuses it, tested elsewhere.
                if (StandardCharsets.UTF_8.newEncoder().canEncode(expected.texts[i])) {
                    assertThat(values.text(i)).as(latin(json)).isEqualTo(expected.texts[i]);
                }
            }
            if (values.type(i) == FieldType.NUMBER) {
                double number = Double.parseDouble(expected.texts[i]);
                assertThat(numberOrInfinity(values, i)).as(latin(json)).isEqualTo(number);
            }
        }
    }

    /**
     * Jackson refuses it since 2.19; RFC 8259, 8.2, leaves it to the reader. The other fields are there all the same.
     */
    @ParameterizedTest
    @ValueSource(strings = {"\\udbed", "\\udced", "\\udbeddd", "\\udced\\udbed"})
    void aNameWithHalfASurrogatePairHidesNoOtherField(String name) throws Exception {
        List<FieldPath> paths = List.of(FieldPath.parse("a"));
        FieldValues values = new FieldValues(paths);
        byte[] json = ("{\"" + name + "\":5,\"a\":7}").getBytes(StandardCharsets.UTF_8);

        scan(new FieldScanner(paths), json, values);

        assertThat(values.number(0)).isEqualTo(7);
    }

    private static double numberOrInfinity(FieldValues values, int field) {
        try {
            return values.number(field);
        } catch (MalformedRecordException notFinite) {
            return values.text(field).startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
    }

    /** Scans the record from the middle of a larger array, whose other bytes must not matter. */
    private static void scan(FieldScanner scanner, byte[] json, FieldValues values) throws MalformedRecordException {
        byte[] batch = new byte[json.length + 20];
        Arrays.fill(batch, (byte) "}\"0, \\".charAt(json.length % 6));
        System.arraycopy(json, 0, batch, 10, json.length);
        scanner.scan(batch, 10, json.length, values);
    }

    private static String latin(byte[] json) {
        return new String(json, StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"volt\\u0061ge\":1}",
                "{ \"x\" : {\"voltage\":2} , \"voltage\"\n:\t1 }",
                "{\"voltage\":1,\"voltage\":2}",
                "{\"voltage\":1,\"x\":\"}{\\\"}\"}",
                "{\"x\":[[[{\"y\":\"]}\"}]],3e5,null],\"voltage\":1}",
            })
    void aFieldIsFoundWhereverItIs(String json) throws Exception {
        FieldValues values = scan(json, "voltage");

        assertThat(values.number(0)).isEqualTo(1);
    }

    @Test
    void whatFollowsTheLastNeededFieldIsNotLookedAtWhereTheJobSaysSo() throws Exception {
        List<FieldPath> paths = List.of(FieldPath.parse("v"));
        FieldValues values = new FieldValues(paths);
        FieldScanner scanner = new FieldScanner(paths, Check.NEEDED);
        for (String json : List.of("{\"v\":1}{\"v\":2}", "{\"v\":1, and more", "{\"v\":1,")) {
            scan(scanner, json.getBytes(StandardCharsets.UTF_8), values);
            assertThat(values.number(0)).isEqualTo(1);
        }
        scan(
                new FieldScanner(List.of(), Check.NEEDED),
                "{".getBytes(StandardCharsets.UTF_8),
                new FieldValues(List.of()));
    }

    /** An Avro record behind the prefix, and a text that begins with a zero but is too short to have one. */
    @Test
    void aRecordWithThePrefixOfASchemaRegistryIsNamedAsSuch() {
        for (byte[] record : new byte[][] {{0, 0, 1, 0x11, 0x70, 4, 2}, {0, 0, 1, 0x11, 0x70}}) {
            assertThatThrownBy(() -> scan(new FieldScanner(List.of()), record, new FieldValues(List.of())))
                    .isInstanceOf(MalformedRecordException.class)
                    .hasMessage("not JSON at byte 0: the record begins with the prefix of a schema registry"
                            + " (byte 0 and schema id 70000), so it is not JSON");
        }
        assertThatThrownBy(() -> scan(new FieldScanner(List.of()), new byte[] {0, 0, 0, 1}, new FieldValues(List.of())))
                .hasMessage("not JSON at byte 0: a JSON object must begin here");
    }

    @Test
    void theFirstOccurrenceOfANameCountsForAllThatIsBelowIt() throws Exception {
        assertThat(scan("{\"m\":{\"x\":1},\"m\":{\"v\":2}}", "m.v").type(0)).isEqualTo(FieldType.MISSING);
    }

    /** What is wrong, and at which byte of the record, from 0. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                   | not JSON at byte 0: a JSON object must begin here",
                "  [1]                | not JSON at byte 0: a JSON object must begin here",
                "{\"x\":1}}            | not JSON at byte 7: there is something after the object",
                "{x:1}                | not JSON at byte 1: a name in quotes must stand here",
                "{\"x\" 1}             | not JSON at byte 5: ':' must stand here",
                "{\"x\":1;\"v\":2}       | not JSON at byte 6: a value does not end where it should",
                "{\"x\":\"a\";\"v\":2}     | not JSON at byte 8: ',' or '}' must stand here",
                "{\"x\":[[] 1],\"v\":2}  | not JSON at byte 9: ',' or ']' must stand here",
                "{\"x\":{\"y\":[] 1},\"v\":2} | not JSON at byte 13: ',' or '}' must stand here",
                "{\"a\":[[] 1],\"v\":2}  | not JSON at byte 9: ',' or ']' must stand here",
                "{\"m\":{\"y\":[] 1},\"v\":2} | not JSON at byte 13: ',' or '}' must stand here",
                "{\"x\":trie}           | not JSON at byte 7: true, false or null is misspelled",
                "{\"x\":01}             | not JSON at byte 6: a value does not end where it should",
                "{\"x\":-}              | not JSON at byte 6: a value or a digit must stand here",
                "{\"x\":1.}             | not JSON at byte 7: a value or a digit must stand here",
                "{\"x\":1e+}            | not JSON at byte 8: a value or a digit must stand here",
                "{\"x\":\"\\x\"}          | not JSON at byte 7: this is not an escape of JSON",
                "{\"x\":\"\\u00g0\"}      | not JSON at byte 7: this is not an escape of JSON",
                "{\"x\":\"\t\"}           | not JSON at byte 6: a control character must be escaped",
                "{\"x\":\"a               | not JSON at byte 7: it ends too early",
                "{\"x\":[1,              | not JSON at byte 8: it ends too early",
                "{\"v\":1,\"a\":[2],\"m\":{\"v\":3}}{ | not JSON at byte 27: there is more than one value in the record, and the second begins here",
                "{\"v\":1,\"a\":[2],\"m\":{\"v\":3,\"w\":{}}},  | not JSON at byte 34: there is something after the object",
                "{\"v\":1,\"a\":[2],\"m\":{\"v\":3,\"w\":{}} | not JSON at byte 33: it ends too early",
                "{\"v\":1,\"a\":[2],\"m\":{\"v\":3}} 7        | not JSON at byte 28: there is more than one value in the record, and the second begins here",
                "{\"x\":1               | not JSON at byte 6: it ends too early",
            })
    void whatIsNotJsonIsNamedWithItsPlace(String json, String message) {
        assertThatThrownBy(() -> scan(json.replace("\\t", "\t"), "v", "a[0]", "m.v"))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessage(message);
    }

    /**
     * The forms that section 4 of RFC 3629 excludes, and the first and last characters of each length that it allows.
     */
    @ParameterizedTest
    @CsvSource({
        "c080, false",
        "c1bf, false",
        "c280, true",
        "dfbf, true",
        "e09fbf, false",
        "e0a080, true",
        "ed9fbf, true",
        "eda080, false",
        "edbfbf, false",
        "ee8080, true",
        "efbfbf, true",
        "f08fbfbf, false",
        "f0908080, true",
        "f48fbfbf, true",
        "f4908080, false",
        "f5808080, false",
        "ff, false",
        "80, false",
        "c2, false",
        "c27f, false",
        "c2c0, false",
        "e0a0, false",
        "e0a07f, false",
        "e0a0c0, false",
        "f09080, false",
        "f0907f80, false"
    })
    void onlyValidUtf8IsTaken(String hex, boolean valid) throws Exception {
        byte[] text = HexFormat.of().parseHex(hex);
        byte[] json = ("{\"x\":\"" + "?".repeat(text.length) + "\",\"v\":1}").getBytes(StandardCharsets.UTF_8);
        System.arraycopy(text, 0, json, 6, text.length);
        List<FieldPath> paths = List.of(FieldPath.parse("v"));
        FieldValues values = new FieldValues(paths);

        if (valid) {
            scan(new FieldScanner(paths), json, values);
            assertThat(values.number(0)).isEqualTo(1);
        } else {
            assertThatThrownBy(() -> scan(new FieldScanner(paths), json, values))
                    .hasMessage("not JSON at byte 6: this is not UTF-8");
        }
    }

    @Test
    void aPathThatIsGivenTwiceIsRefused() {
        assertThatThrownBy(() -> new FieldScanner(List.of(FieldPath.parse("a.b"), FieldPath.parse("a.b"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the path a.b is given twice");
    }

    @Test
    void aTruncatedNumberIsNotTakenForAShorterOne() {
        assertThatThrownBy(() -> scan("{\"voltage\":23", "voltage"))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessage("not JSON at byte 13: it ends too early");
    }

    @Test
    void aRecordOfWhichNoFieldIsNeededIsOneObject() throws Exception {
        assertThat(scan(" { } ", new String[0])).isNotNull();
        assertThat(scan("{\"v\":1}\n", new String[0])).isNotNull();
        for (String json : List.of("[", "{", "{\"v\":1}{\"v\":2}", "{\"v\":1}\n{\"v\":2}\n", "{}{}", "{},{}")) {
            assertThatThrownBy(() -> scan(json, new String[0])).as(json).isInstanceOf(MalformedRecordException.class);
        }
    }

    @Test
    void nestingUpToTheLimitIsWalkedOverAndMoreIsRefused() throws Exception {
        int most = FieldScanner.MAX_DEPTH - 1;
        assertThat(scan("{\"x\":" + "[".repeat(most) + "]".repeat(most) + ",\"v\":1}", "v")
                        .number(0))
                .isEqualTo(1);
        assertThatThrownBy(() -> scan("{\"x\":" + "[".repeat(most + 1) + "]".repeat(most + 1) + ",\"v\":1}", "v"))
                .hasMessageContaining("nested deeper than 1000");
        assertThatThrownBy(() -> scan("{\"x\":" + "[".repeat(1_000_000), "v"))
                .isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void theTextOfHalfASurrogatePairIsRefused() throws Exception {
        FieldValues values = scan("{\"v\":\"a\\ud834\"}", "v");

        assertThatThrownBy(() -> values.copyText(0, new byte[values.room(0)], 0))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessage("v is not a text: it has half of a surrogate pair");
    }

    @Test
    void pathsAreTheirSteps() {
        assertThat(FieldPath.parse("meter.readings[0][12].v").steps())
                .containsExactly(
                        new FieldPath.Step("meter", -1),
                        new FieldPath.Step("readings", -1),
                        new FieldPath.Step("", 0),
                        new FieldPath.Step("", 12),
                        new FieldPath.Step("v", -1));
    }

    /** A field has one path: what needs no quotes is refused in quotes. */
    @Test
    void aNameWithADotStandsInBracketsAndQuotes() {
        assertThat(FieldPath.parse("[\"a.b\"].c[\"d[0]\"][1][\"\\\"e\\\\.\"][\"\"]")
                        .steps())
                .containsExactly(
                        new FieldPath.Step("a.b", -1),
                        new FieldPath.Step("c", -1),
                        new FieldPath.Step("d[0]", -1),
                        new FieldPath.Step("", 1),
                        new FieldPath.Step("\"e\\.", -1),
                        new FieldPath.Step("", -1));
        String path = "a[\"b.c\"].d[3][\"\\\"e\\\\.\"]";
        assertThat(FieldPath.of(FieldPath.parse(path).steps())).isEqualTo(FieldPath.parse(path));
        for (String none :
                List.of("[\"a\"]", "a.[\"b.c\"]", "[\"a.b\"]c", "[\"a.b]", "[\"a\".b\"]", "[\"a.\\b\"]", "[\"{.}\"]")) {
            assertThatThrownBy(() -> FieldPath.parse(none)).as(none).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aFieldWithADotInItsNameIsFound() throws Exception {
        FieldValues values = scan("{\"http\":{\"status\":1},\"http.status\":2}", "[\"http.status\"]", "http.status");

        assertThat(values.number(0)).isEqualTo(2);
        assertThat(values.number(1)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", ".", "a.", ".a", "a..b", "[0]", "a[x]", "a[0", "a]", "a[-1]", "a[0]b", "a[00]", "{a}", "\ud800"
            })
    void whatIsNotAPathIsRefused(String text) {
        assertThatThrownBy(() -> FieldPath.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    private static FieldValues scan(String json, String... paths) throws MalformedRecordException {
        List<FieldPath> parsed = Arrays.stream(paths).map(FieldPath::parse).toList();
        FieldValues values = new FieldValues(parsed);
        scan(new FieldScanner(parsed), json.getBytes(StandardCharsets.UTF_8), values);
        return values;
    }
}
