package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.testkit.Rig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RangeReaderIT {
    /** A reader whose broker answers that an offset is out of range. */
    private static InputReader refusing(Rig rig, long offset) {
        return new RangeReader(rig.clients(), System::nanoTime) {
            @Override
            void read(
                    ReadRanges ranges,
                    BooleanSupplier more,
                    RecordHandler handler,
                    Consumer<List<PartitionRange>> between) {
                throw new OffsetOutOfRangeException(Map.of(new TopicPartition(rig.input(), 0), offset));
            }
        };
    }

    private static void assertKind(Rig rig, long offset, FailureKind kind) {
        assertThatThrownBy(() -> refusing(rig, offset)
                        .read(
                                rig.input(),
                                List.of(new PartitionRange(0, 0, 10)),
                                Duration.ofSeconds(10),
                                record -> {},
                                remaining -> {}))
                .isInstanceOfSatisfying(
                        TidemarkException.class,
                        failure -> assertThat(failure.kind()).as("%s", failure).isEqualTo(kind));
    }

    /** A replica that is behind refuses offsets that the leader has. */
    @Test
    void anOffsetThatTheLeaderHasIsTriedAgain() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);

            assertKind(rig, 7, FailureKind.KAFKA_UNAVAILABLE);
            assertKind(rig, 10, FailureKind.KAFKA_UNAVAILABLE);
            assertKind(rig, 11, FailureKind.TRUNCATED);
        }
    }
}
