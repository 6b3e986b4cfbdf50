package io.tidemark.kafka.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.row.KeyPartition;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The engine computes partitions without Kafka's classes; here they are compared with those of the producer. */
class KafkaPartitionTest {
    static LongStream seeds() {
        return LongStream.range(0, 20);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aKeyGoesWhereTheProducerPutsIt(long seed) {
        Random random = new Random(seed);
        for (int length = 0; length < 200; length++) {
            byte[] key = new byte[length];
            random.nextBytes(key);
            int partitions = 1 + random.nextInt(1_000);

            assertThat(KeyPartition.of(key, partitions))
                    .as("%d bytes, %d partitions", length, partitions)
                    .isEqualTo(BuiltInPartitioner.partitionForKey(key, partitions));
        }
    }
}
