package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteLinesTest {
    @Test
    void linesEndWithALineFeedOrWithTheStream() throws IOException {
        assertThat(lines("a\nb")).containsExactly("a", "b");
        assertThat(lines("a\nb\n")).containsExactly("a", "b");
        assertThat(lines("\n\na")).containsExactly("", "", "a");
        assertThat(lines("")).isEmpty();
    }

    @Test
    void onlyTheCarriageReturnOfALineEndIsRemoved() throws IOException {
        assertThat(lines("a\r\nb\rc\n\r\nd\r\r\n")).containsExactly("a", "b\rc", "", "d\r");
        assertThat(lines("a\r")).containsExactly("a");
    }

    /** Lines longer than the first buffer, from a stream that gives as few bytes as it likes. */
    @Test
    void linesAreTheSameHoweverTheStreamGivesThem() throws IOException {
        Random random = new Random(7);
        List<String> expected = new ArrayList<>();
        for (int length : new int[] {0, 1, 70_000, 3, 65_535, 65_536, 0, 300_000, 12}) {
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) (128 + random.nextInt(128));
            }
            expected.add(new String(bytes, StandardCharsets.ISO_8859_1));
        }
        byte[] all = String.join("\n", expected).getBytes(StandardCharsets.ISO_8859_1);

        assertThat(lines(new ByteArrayInputStream(all) {
                    @Override
                    public synchronized int read(byte[] into, int off, int len) {
                        return super.read(into, off, Math.min(len, 1 + random.nextInt(20_000)));
                    }
                }))
                .isEqualTo(expected);
    }

    @Test
    void aLineThatIsTooLongIsRefused() throws IOException {
        ByteLines lines = new ByteLines(new InputStream() {
            private boolean first = true;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] into, int off, int len) {
                Arrays.fill(into, off, off + len, (byte) (first ? '\n' : 'x'));
                int read = first ? 1 : len;
                first = false;
                return read;
            }
        });
        lines.next();

        assertThatThrownBy(lines::next)
                .isInstanceOf(IOException.class)
                .hasMessage("line 2 is longer than " + ByteLines.LONGEST + " bytes");
    }

    private static List<String> lines(String text) throws IOException {
        return lines(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static List<String> lines(InputStream in) throws IOException {
        ByteLines lines = new ByteLines(in);
        List<String> found = new ArrayList<>();
        while (lines.next()) {
            found.add(new String(lines.buffer(), lines.start(), lines.length(), StandardCharsets.ISO_8859_1));
            assertThat(lines.number()).isEqualTo(found.size());
        }
        return found;
    }
}
