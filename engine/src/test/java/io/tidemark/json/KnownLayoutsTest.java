package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
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

    private static byte[] ofLayout(String name) {
        return json("{'" + name + "':0,'a':1,'b':2,'m':{'c':3}}");
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private void scan(byte[] record) throws MalformedRecordException {
        scanner.scan(record, 0, record.length, values);
    }

    private boolean fits(byte[] record) throws MalformedRecordException {
        values.begin(record);
        return scanner.layouts().fit(record, 0, record.length, values);
    }
}
