package io.tidemark.row;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyPartitionTest {
    /** The hashes are those of Kafka's own test of murmur2. */
    @ParameterizedTest
    @CsvSource({
        "21, -973932308",
        "foobar, -790332482",
        "a-little-bit-long-string, -985981536",
        "a-little-bit-longer-string, -1486304829",
        "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8, -58897971",
        "abc, 479470107"
    })
    void thePartitionIsTheHashModuloThePartitions(String key, int hash) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        int positive = hash & Integer.MAX_VALUE;

        assertThat(KeyPartition.of(bytes, Integer.MAX_VALUE)).isEqualTo(positive);
        assertThat(KeyPartition.of(bytes, 8)).isEqualTo(positive % 8);
        assertThat(KeyPartition.of(bytes, 1)).isZero();
    }
}
