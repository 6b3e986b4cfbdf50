package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownLayoutsTest {
    private final List<FieldPath> paths =
            Stream.of("a", "b", "m.c").map(FieldPath::parse).toList();
    private final FieldScanner scanner = new FieldScanner(paths);
    private final FieldValues values = new FieldValues(paths);

    /** Fields that are not a string or a number are the same in all records of a layout. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'a':%d,'b':true,'m':{'c':false}}",
                "{'b':null,'a':%d,'m':{'c':2},'x':'y'}",
                "{'m':{'c':null},'x':%d,'b':'text','a':true}",
                "{'a':%d,'m':{'c':1}}",
                "{'a':%d,'b':2,'m':{}}",
                "{'a':%d,'b':2,'m':'text','x':1}",
                "{'x':%d} ",
                "{'b':true,'m':3,'a':false}",
            })
    void aLayoutIsKnownWhateverTheTypesOfTheFields(String format) throws Exception {
        byte[] first = json(String.format(Locale.ROOT, format, 10));
        byte[] second = json(String.format(Locale.ROOT, format, 2_345));
        scan(first);
        FieldValues expected = new FieldValues(paths);
        new FieldScanner(paths).scan(second, 0, second.length, expected);

        assertThat(fits(second)).isTrue();

        for (int field = 0; field < paths.size(); field++) {
            assertThat(values.type(field)).isEqualTo(expected.type(field));
        }
        scan(second);
    }

    /** Literals that are no fields may be others; those that are fields may not. */
    @Test
    void aLiteralMayBeAnotherUnlessItIsAField() throws Exception {
        scan(json("{'x':true,'a':1,'y':[null,false],'b':true,'m':{'c':3}}"));

        for (String x : List.of("true", "false", "null")) {
            assertThat(fits(json("{'x':" + x + ",'a':10,'y':[true," + x + "],'b':true,'m':{'c':3}}")))
                    .as(x)
                    .isTrue();
            assertThat(values.type(1)).isEqualTo(FieldValues.FieldType.TRUE);
        }
        assertThat(fits(json("{'x':true,'a':1,'y':[null,false],'b':false,'m':{'c':3}}")))
                .isFalse();
        for (String x :
                List.of("tru", "trua", "truee", "True", "nul", "nulll", "fals", "falsy", "falsee", "", "0", "''")) {
            assertThat(hasKnownLayout(json("{'x':" + x + ",'a':1,'y':[null,false],'b':true,'m':{'c':3}}")))
                    .as(x)
                    .isFalse();
        }
    }

    /** Each of them is tried, whichever the last record had. */
    @Test
    void eachOfTwoThreeOrFourLayoutsIsFoundAfterEachOther() throws Exception {
        List<byte[]> layouts =
                Stream.of("w", "x", "y", "z").map(KnownLayoutsTest::ofLayout).toList();
        for (int known = 1; known <= layouts.size(); known++) {
            for (int i = 0; i < 20 && !fits(layouts.get(known - 1)); i++) {
                scan(layouts.get(known - 1));
            }
            for (int one = 0; one < known; one++) {
                for (int other = 0; other < known; other++) {
                    assertThat(fits(layouts.get(one))).isTrue();
                    assertThat(fits(layouts.get(other)))
                            .as("%d after %d of %d", other, one, known)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void aLayoutIsLearnedSoonAgainAfterAStretchOfRecordsThatAllDiffer() throws Exception {
        for (int i = 0; i < 20_000; i++) {
            scan(ofLayout("v" + i));
        }
        for (String stable : List.of("k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u")) {
            for (int i = 0; i < 3_000; i++) {
                scan(ofLayout(stable));
            }
            assertThat(fits(ofLayout(stable))).isTrue();
        }

        int unknown = 0;
        while (!fits(ofLayout("new"))) {
            scan(ofLayout("new"));
            unknown++;
        }

        assertThat(unknown).isLessThanOrEqualTo(2);
    }

    @Test
    void aRareLayoutDoesNotReplaceAFrequentOne() throws Exception {
        List<byte[]> frequent =
                Stream.of("w", "x", "y", "z").map(KnownLayoutsTest::ofLayout).toList();
        for (int i = 0; i < 4_000; i++) {
            scan(frequent.get(i % 4));
        }
        int unknown = 0;
        for (int i = 0; i < 4_000; i++) {
            if (i % 100 == 0) {
                scan(ofLayout("rare" + i));
            }
            unknown += fits(frequent.get(i % 4)) ? 0 : 1;
            scan(frequent.get(i % 4));
        }

        assertThat(unknown).isZero();
    }

    /** Numbers of at most 15 digits are read with the layout, others by the general parser. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "7",
                "-7",
                "10",
                "90",
                "1.0",
                "0.5",
                "-0.25",
                "100.001",
                "9.09",
                "123456789.987654",
                "999999999999999",
                "-99999999999999.9",
                "1234567890.12345",
                "0.00000000000001",
                "9999999999999999",
                "0.1234567890123456",
                "9.123456789012345",
                "1e5",
                "0e1",
                "9E-5",
                "-2.5e3"
            })
    void aNumberInAKnownLayoutIsWhatJavaReads(String number) throws Exception {
        scan(json("{'a':1,'b':2,'m':{'c':3}}"));

        assertThat(fits(json("{'a':" + number + ",'b':2,'m':{'c':" + number + "}}")))
                .isTrue();

        for (int field : new int[] {0, 2}) {
            assertThat(values.text(field)).isEqualTo(number);
            assertThat(values.number(field)).isEqualTo(Double.parseDouble(number));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "-", "01", "-01", "00", "1.", "1.e5", "1e", ".5", "+1", "--1", "/", ":", "1/", "1:", "1.5:", "x"
            })
    void whatIsNotANumberHasNoKnownLayout(String text) throws Exception {
        scan(json("{'a':1,'b':2,'m':{'c':3}}"));

        assertThat(hasKnownLayout(json("{'a':" + text + ",'b':2,'m':{'c':3}}"))).isFalse();
    }

    /** Eight bytes of a string are compared at once. */
    @ParameterizedTest
    @ValueSource(strings = {"", "\\\\", "\\'", "\\n", "é", "𝄞", "!", "#", "[", "]", " ", "\u007f"})
    void aStringInAKnownLayoutEndsAtItsQuoteWhateverIsInIt(String special) throws Exception {
        scan(json("{'a':'','b':2,'m':{'c':''}}"));
        FieldValues expected = new FieldValues(paths);
        for (int length = 0; length < 24; length++) {
            for (int at = 0; at <= length; at++) {
                String text = "x".repeat(at) + special + "x".repeat(length - at);
                byte[] record = json("{'a':'" + text + "','b':2,'m':{'c':'" + text + "'}}");
                new FieldScanner(paths).scan(record, 0, record.length, expected);

                assertThat(fits(record)).as(text).isTrue();

                for (int field : new int[] {0, 2}) {
                    assertThat(values.type(field)).as(text).isEqualTo(FieldValues.FieldType.STRING);
                    assertThat(values.text(field)).as(text).isEqualTo(expected.text(field));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u001f", "\n", "\u0000", "\\x"})
    void aStringThatIsNotJsonHasNoKnownLayout(String special) throws Exception {
        scan(json("{'a':'','b':2,'m':{'c':''}}"));
        for (int at = 0; at < 16; at++) {
            byte[] record = json("{'a':'" + "x".repeat(at) + special + "','b':2,'m':{'c':''}}");

            assertThat(hasKnownLayout(record)).as("at %d", at).isFalse();
        }
    }

    @Test
    void aRecordThatIsCutOffHasNoKnownLayout() throws Exception {
        byte[] record = json("{'a':'some text','b':-12.5,'m':{'c':345},'x':67}");
        scan(json("{'a':'','b':2,'m':{'c':3},'x':1}"));
        int lastField = new String(record, StandardCharsets.UTF_8).indexOf("345") + 3;

        for (int cut = 0; cut <= lastField; cut++) {
            assertThat(hasKnownLayout(Arrays.copyOf(record, cut)))
                    .as("%d bytes", cut)
                    .isFalse();
        }
        assertThat(fits(record)).isTrue();
    }

    private static byte[] ofLayout(String name) {
        return json("{'" + name + "':0,'a':1,'b':2,'m':{'c':3}}");
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private void scan(byte[] record) throws MalformedRecordException {
        scanner.scan(record, 0, record.length, values);
    }

    /** Like {@link #fits}, and false if the record is refused meanwhile. */
    private boolean hasKnownLayout(byte[] record) {
        try {
            return fits(record);
        } catch (MalformedRecordException e) {
            return false;
        }
    }

    private boolean fits(byte[] record) throws MalformedRecordException {
        values.begin(record, 0);
        return scanner.layouts().fit(record, 0, record.length, values);
    }
}
