package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputRecordTest {
    /** Both are in the middle of an array, as in a response of a broker: in one, or in two. */
    @ParameterizedTest
    @CsvSource({
        "key, value, true",
        "key, value, false",
        "key, '', true",
        "'', value, true",
        "'', '', true",
        ", value, true",
        "key, , true",
        ", , true",
        ", value, false",
        "'', value, false",
        "key, '', false"
    })
    void keyAndValueAreThoseOfTheBuffers(@Nullable String key, @Nullable String value, boolean oneArray) {
        byte[] shared = utf8("##" + (key == null ? "" : key) + "#" + (value == null ? "" : value) + "###");
        int keyLength = key == null ? 0 : key.length();
        ByteBuffer ofKey = ByteBuffer.wrap(shared, 1, shared.length - 1).slice().position(1);
        ByteBuffer ofValue = oneArray
                ? ByteBuffer.wrap(shared, 3 + keyLength, value == null ? 0 : value.length())
                : ByteBuffer.wrap(utf8("##" + value + "#")).position(2);
        InputRecord record = new InputRecord();

        record.setContent(
                key == null ? null : ofKey.limit(1 + keyLength),
                value == null ? null : ofValue.limit(ofValue.position() + value.length()));

        assertThat(text(record, record.key(), record.keyLength())).isEqualTo(key);
        assertThat(text(record, record.value(), record.valueLength())).isEqualTo(value);
        assertThat(record.size()).isEqualTo(keyLength + (value == null ? 0 : value.length()));
    }

    private static @Nullable String text(InputRecord record, int at, int length) {
        return length == InputRecord.NULL
                ? null
                : new String(Arrays.copyOfRange(record.bytes(), at, at + length), StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void headersTakeTheMemoryThatTheyNeed() {
        AtomicLong taken = new AtomicLong();
        HeaderBytes bytes = new HeaderBytes(taken::addAndGet);
        InputRecord record = new InputRecord();

        bytes.begin(2);
        bytes.add("small", utf8("x"));
        bytes.add("large", new byte[10_000]);
        bytes.set(record);

        assertThat(taken.get()).isBetween(10_000L, 2 * 10_100L);
        assertThat(record.headerBytes().length - taken.get())
                .as("before it took any")
                .isBetween(0L, 1_000L);
    }
}
