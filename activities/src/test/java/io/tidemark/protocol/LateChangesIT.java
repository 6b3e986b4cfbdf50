package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.CommitResult;
import io.tidemark.testkit.Rig;
import java.util.Map;
import org.apache.kafka.clients.admin.NewPartitions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What changes while a run is under way, or between two runs, and must neither stop nor mislead them. */
@Timeout(60)
class LateChangesIT {

    private static void grow(Rig rig, String topic) {
        Rig.get(rig.admin()
                .createPartitions(Map.of(topic, NewPartitions.increaseTo(2)))
                .all());
    }

    @Test
    void anInputThatGrowsDuringARunIsCommittedAsFarAsItWasPlanned() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            Rig.Run run = rig.newRun();
            run.slices().forEach(run::chain);
            grow(rig, rig.input());

            CommitResult committed = run.commit();

            assertThat(committed).isEqualTo(new CommitResult(1));
            assertThat(rig.groupOffsets()).containsExactly(Map.entry(0, 10L));
        }
    }
}
