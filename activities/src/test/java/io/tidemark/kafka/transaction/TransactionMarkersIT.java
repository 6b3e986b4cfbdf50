package io.tidemark.kafka.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.testkit.Rig;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.IsolationLevel;
import org.junit.jupiter.api.Test;

class TransactionMarkersIT {
    private static final String PREFIX = "tidemark/markers/";

    /** With this many partitions, the last one gets its marker some milliseconds after the response to the commit. */
    private static final int PARTITIONS = 200;

    private static void write(Rig rig, FencingProducer producer, int partitions) {
        producer.fence();
        producer.begin();
        IntStream.range(0, partitions)
                .forEach(partition -> producer.send(rig.input(), partition, null, new byte[1], Map.of()));
        producer.flush();
    }

    @Test
    void afterTheWaitEveryPartitionShowsWhatWasCommitted() {
        try (Rig rig = Rig.voltage(PARTITIONS);
                FencingProducer producer = new FencingProducer(rig.clients(), PREFIX + "a", PARTITIONS)) {
            write(rig, producer, PARTITIONS);
            producer.commit();

            new TransactionMarkers(rig.clients()).await(PREFIX);

            assertThat(rig.ends(rig.input(), IsolationLevel.READ_COMMITTED)).isEqualTo(rig.ends());
        }
    }

    /** The broker takes the ids as a pattern. */
    @Test
    void anIdWithCharactersOfPatternsIsFound() {
        String prefix = PREFIX + "team.x+(";
        try (Rig rig = Rig.voltage(PARTITIONS);
                FencingProducer producer = new FencingProducer(rig.clients(), prefix + "a", PARTITIONS)) {
            write(rig, producer, PARTITIONS);
            producer.commit();

            new TransactionMarkers(rig.clients()).await(prefix);

            assertThat(rig.ends(rig.input(), IsolationLevel.READ_COMMITTED)).isEqualTo(rig.ends());
        }
    }

    @Test
    void whatIsOpenIsNotWaitedFor() {
        try (Rig rig = Rig.voltage(1);
                FencingProducer producer = new FencingProducer(rig.clients(), PREFIX + "b", 1)) {
            write(rig, producer, 1);

            new TransactionMarkers(rig.clients()).await(PREFIX);

            assertThat(rig.ends(rig.input(), IsolationLevel.READ_COMMITTED).values())
                    .containsOnly(0L);
            producer.abort();
        }
    }
}
