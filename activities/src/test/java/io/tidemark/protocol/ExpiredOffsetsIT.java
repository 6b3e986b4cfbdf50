package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A job that pauses for longer than the broker keeps its group's offsets, such as a monthly job. The broker's shortest
 * retention of offsets is a minute, too long for every build.
 */
@LifecycleSuite
@Tag("faults")
@Timeout(240)
class ExpiredOffsetsIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(180);

    @Test
    void aJobThatRestsForLongerThanItsOffsetsAreKeptGoesOnWhereItsTotalsAre() {
        try (EmbeddedKafka kafka = EmbeddedKafka.builder()
                        .property("offsets.retention.minutes", "1")
                        .property("offsets.retention.check.interval.ms", "500")
                        .start();
                Rig rig = Rig.with(Cluster.at(kafka.bootstrapServers()), 2, Map.of(), json -> {})) {
            rig.send(0, 0, 10);
            rig.send(1, 0, 5);
            rig.runAll();
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());

            await().atMost(TIMEOUT).until(() -> rig.groupOffsets().isEmpty());
            rig.send(0, 10, 20);
            rig.runAll();

            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.groupOffsets()).as("that of partition 1 as well").isEqualTo(rig.ends());
        }
    }
}
