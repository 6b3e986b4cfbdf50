package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectEndTest {

    /** Eight bytes at a time give what one byte at a time gives, also for texts that are no JSON. */
    @Property(tries = 20_000)
    void findsWhatAWalkByteByByteFinds(@ForAll long seed) {
        Random random = new Random(seed);
        JsonTexts texts = new JsonTexts(random);
        StringBuilder text = new StringBuilder("{");
        for (int i = random.nextInt(4); i >= 0; i--) {
            text.append(new String(texts.object(), StandardCharsets.ISO_8859_1));
        }
        byte[] b = text.append(random.nextBoolean() ? "} \n" : "").toString().getBytes(StandardCharsets.ISO_8859_1);
        if (random.nextBoolean()) {
            b = texts.spoiled(b);
        }
        int from = Math.min(1, b.length);

        assertThat(ObjectEnd.next(b, from, b.length, 1))
                .as("%s", new String(b, StandardCharsets.ISO_8859_1))
                .isEqualTo(byteByByte(b, from));
    }

    /** In a tail of any length, a second brace is found wherever it stands. */
    @Test
    void aBraceIsFoundAtEachPlaceOfATail() {
        for (int length = 0; length <= 140; length++) {
            for (int at = 0; at < length; at++) {
                byte[] b = ("{" + " ".repeat(length) + "}").getBytes(StandardCharsets.UTF_8);
                b[1 + at] = '}';

                assertThat(ObjectEnd.next(b, 1, b.length, 1))
                        .as("a brace at %d of %d", at, length)
                        .isEqualTo(byteByByte(b, 1))
                        .isEqualTo(b.length - 1);
            }
        }
    }

    private static int byteByByte(byte[] b, int from) {
        String text = new String(b, from, b.length - from, StandardCharsets.ISO_8859_1);
        if (text.matches("[^{}]*}[ \\n\\r\\t]*")) {
            return b.length;
        }
        int open = 1;
        boolean inString = false;
        for (int i = from; i < b.length; i++) {
            if (inString && b[i] == '\\') {
                i++;
            } else if (b[i] == '"') {
                inString = !inString;
            } else if (!inString && b[i] == '{') {
                open++;
            } else if (!inString && b[i] == '}' && --open == 0) {
                do {
                    i++;
                } while (i < b.length && " \n\r\t".indexOf(b[i]) >= 0);
                return i;
            }
        }
        return ObjectEnd.OPEN;
    }

    /** A quote stands for the text after the last needed field. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1 | }                                                              | -2",
                "1 | ,\"a\":1,\"name of some length\":\"and a text\",\"b\":[1,2]}   | -2",
                "1 | ,\"é\":\"ü~\",\"name of some length\":\"and a text\"}         | -2",
                "1 | ,\"a\":1,\"name of some length\":\"and a text\",\"b\":[1,2]    | -1",
                "1 | ,\"a\":\"}\"}                                                  | -2",
                "1 | ,\"a\":\"}{\"}                                                 | -2",
                "1 | ,\"a\":\"\\\"}{\"}                                           | -2",
                "1 | ,\"a\":{\"b\":{}}}                                             | -2",
                "1 | }{}                                                            | 1",
                "1 | ,\"a\":\"{\"}{\"a\":\"}\"}                                     | 9",
                "2 | ,\"a\":1}}                                                     | -2",
                "2 | ,\"a\":1},\"b\":2}                                             | -2",
                "2 | ,\"a\":1}                                                      | -1",
                "2 | ,\"a\":1}}}                                                    | 8",
                "0 | ``                                                             | -2",
                "0 | ,                                                              | 0",
            })
    void theObjectEndsWhereItsLastBraceStands(int depth, String rest, int expected) {
        byte[] b = (rest + "tail").getBytes(StandardCharsets.UTF_8);
        int end = b.length - 4;

        assertThat(ObjectEnd.next(b, 0, end, depth)).isEqualTo(expected == -2 ? end : expected);
    }
}
