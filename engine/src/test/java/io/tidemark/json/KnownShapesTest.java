package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A scanner that knows the shape of a record finds in any other record what a new scanner finds. */
class KnownShapesTest {
    private final List<FieldPath> paths =
            Stream.of("a", "b", "m.c").map(FieldPath::parse).toList();
    private final FieldScanner scanner = new FieldScanner(paths);
    private final FieldValues values = new FieldValues(paths);

    /** Every byte of the record is replaced by every other one, at the end of an array and in the middle of one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'a':'16/12/2006 17:24:00','b':234.84}",
                "{'a':'16/12/2006 17:24:00','b':234.84,'m':{'c':7}}",
                "{'a':'some text','b':-12.5,'m':{'c':345},'x':67}",
                "{'b':-0.10,'x':'Text','m':{'c':1793536496000},'a':''}",
                "{'m':{'c':12345678901234567,'d':'ID-12'},'a':1.23456789,'b':0,'z':[]}",
                "{'x':[1,2],'b':1e5,'a':0.5,'m':{'c':-90}} ",
                "{'x':true,'b':null,'a':'A B','m':{'c':'!#[]'}}"
            })
    void aRecordWithAnotherByteIsReadAsByANewScanner(String text) throws Exception {
        byte[] record = json(text);
        for (int room : new int[] {0, 3, 40}) {
            for (int at = 0; at < record.length; at++) {
                for (int b = 0; b < 256; b++) {
                    learn(record);
                    byte[] other = Arrays.copyOfRange(record, 0, record.length);
                    other[at] = (byte) b;

                    assertThat(read(scanner, values, other, room))
                            .as("%s with %d at %d", text, b, at)
                            .isEqualTo(read(new FieldScanner(paths), new FieldValues(paths), other, room));
                }
            }
        }
    }

    @Test
    void theShapeOfARecordIsKnownAfterAFewAndForgottenIfItDoesNotComeBack() throws Exception {
        byte[] record = json("{'a':'16/12/2006 17:24:00','b':234.84}");
        byte[] likeIt = json("{'a':'31/01/2007 09:00:59','b':100.00}");
        byte[] another = json("{'a':'31/01/2007 9:00:59','b':1000.00}");
        learn(record);

        assertThat(hasKnownShape(likeIt)).isTrue();
        for (int i = 0; i < 200; i++) {
            assertThat(hasKnownShape(likeIt) && hasKnownShape(another)).isFalse();
        }

        for (int i = 0; i < 2_000; i++) {
            hasKnownShape(another);
        }
        assertThat(hasKnownShape(another)).isTrue();
    }

    /** Fields that another record has elsewhere, or not at all, are found there. */
    @Test
    void recordsOfSeveralShapesMayAlternate() throws Exception {
        List<byte[]> records = new ArrayList<>();
        for (String each : List.of(
                "{'a':'some text','b':12.5,'m':{'c':345}}",
                "{'b':12.5,'m':{'c':345},'a':'some longer text!'}",
                "{'m':{'c':'a longer text than that'},'b':false}",
                "{'b':-12345.5,'a':true}          ")) {
            records.add(json(each));
        }
        for (int i = 0; i < 1_000; i++) {
            byte[] record = records.get((i * i + i / 7) % records.size());
            assertThat(read(scanner, values, record, i % 3))
                    .isEqualTo(read(new FieldScanner(paths), new FieldValues(paths), record, 0));
        }
        for (byte[] record : records) {
            assertThat(hasKnownShape(record)).isEqualTo(record[record.length - 1] != ' ');
        }
    }

    private void learn(byte[] record) throws MalformedRecordException {
        for (int i = 0; i < 1_000 && !hasKnownShape(record); i++) {
            assertThat(i).isLessThan(999);
        }
        assertThat(hasKnownShape(record)).isTrue();
    }

    private boolean hasKnownShape(byte[] record) throws MalformedRecordException {
        scanner.scan(record, 0, record.length, values);
        return !values.isPlacedBy(null);
    }

    /** What a scanner says of a record that has {@code room} bytes of digits and quotes on both sides. */
    private List<@Nullable Object> read(FieldScanner by, FieldValues into, byte[] record, int room) {
        byte[] buf = new byte[record.length + 2 * room];
        for (int i = 0; i < buf.length; i++) {
            buf[i] = (byte) (i % 5 == 0 ? '"' : '1');
        }
        System.arraycopy(record, 0, buf, room, record.length);
        List<@Nullable Object> found = new ArrayList<>();
        try {
            by.scan(buf, room, record.length, into);
        } catch (MalformedRecordException e) {
            return List.of(e.reason(), String.valueOf(e.getMessage()));
        }
        for (int field = 0; field < paths.size(); field++) {
            FieldValues.FieldType type = into.type(field);
            found.add(type);
            if (type == FieldValues.FieldType.STRING || type == FieldValues.FieldType.NUMBER) {
                found.add(into.text(field));
                found.add(into.length(field));
                found.add(into.start(field) - room);
            }
            if (type == FieldValues.FieldType.NUMBER) {
                found.add(Double.doubleToRawLongBits(into.nearest(field)));
                try {
                    found.add(Double.doubleToRawLongBits(into.number(field)));
                } catch (MalformedRecordException e) {
                    found.add(e.getMessage());
                }
            }
        }
        return found;
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
