package io.tidemark.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VarintTest {

    /** The bytes are those of Protocol Buffers. */
    @ParameterizedTest
    @CsvSource({
        "0, 00",
        "1, 01",
        "127, 7f",
        "128, 8001",
        "300, ac02",
        "16383, ff7f",
        "16384, 808001",
        "2147483647, ffffffff07",
        "9223372036854775807, ffffffffffffffff7f",
        "-1, ffffffffffffffffff01"
    })
    void aNumberTakesAsFewBytesAsItNeeds(long value, String hex) {
        byte[] bytes = new byte[2 + Varint.MAX_BYTES];

        int end = Varint.write(value, bytes, 2);

        assertThat(HexFormat.of().formatHex(bytes, 2, end)).isEqualTo(hex);
        assertThat(Varint.size(value)).isEqualTo(end - 2);
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 2, end - 2);
        assertThat(Varint.read(buffer)).isEqualTo(value);
        assertThat(buffer.position()).isEqualTo(end);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "80", "ffffffffffffffff", "8080808080808080808000"})
    void aNumberThatDoesNotEndIsRefused(String hex) {
        ByteBuffer buffer = ByteBuffer.wrap(HexFormat.of().parseHex(hex));

        assertThatThrownBy(() -> Varint.read(buffer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a number does not end where it should");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 127, 128, 1L << 62})
    void nothingBesideIsWritten(long value) {
        byte[] bytes = new byte[Varint.MAX_BYTES + 2];
        Arrays.fill(bytes, (byte) 0x55);

        int end = Varint.write(value, bytes, 1);

        assertThat(bytes[0]).isEqualTo((byte) 0x55);
        assertThat(bytes[end]).isEqualTo((byte) 0x55);
    }
}
