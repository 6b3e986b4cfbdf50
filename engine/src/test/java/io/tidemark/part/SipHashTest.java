package io.tidemark.part;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SipHashTest {

    /** Of the bytes 0, 1, 2 and so on, with the key 0, by the reference implementation of SipHash-1-3. */
    @ParameterizedTest
    @CsvSource({
        "8, ead411e67ebe2eea",
        "9, 75927f9d95124362",
        "15, f30eb725bb91c9ea",
        "16, 8972188433a5c5b7",
        "17, 4883c49a2c009c1d",
        "24, 31185a47af932f3a",
        "31, 169739443111d49b",
        "35, 3c393cf6f0853bc3"
    })
    void isSipHash(int bytes, String expected) {
        byte[] message = new byte[bytes + 3];
        for (int i = 0; i < message.length; i++) {
            message[i] = (byte) i;
        }
        long first = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).getLong();

        assertThat(Long.toHexString(new SipHash(0, 0).of(first, message, 8, bytes - 8)))
                .isEqualTo(expected);
    }

    @Test
    void eachProcessHasAnotherKey() {
        assertThat(SipHash.OF_PROCESS.of(0, new byte[0], 0, 0))
                .isNotEqualTo(new SipHash(0, 0).of(0, new byte[0], 0, 0));
    }
}
