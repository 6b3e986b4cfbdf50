package io.tidemark.protocol;

import static io.tidemark.protocol.RefusalsIT.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.job.JobNames;
import io.tidemark.run.FailureKind;
import io.tidemark.run.Staged;
import io.tidemark.testkit.BrokerDisk;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.TopicScope;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Partial totals that a broker loses before they are added to the totals. Their topic is the only copy until then. */
@Timeout(90)
@Execution(ExecutionMode.CONCURRENT)
class LostPartialsIT {
    private static Rig rig(EmbeddedKafka kafka) {
        return Rig.with(Cluster.at(kafka.bootstrapServers()), 2, Map.of(), TopicScope.rows());
    }

    /** Loses all partial totals of output partition 0 and their markers, and starts the broker again. */
    private static void lose(EmbeddedKafka kafka, Rig rig) throws Exception {
        // A marker that is not written yet would be written after the start, in the place of what is lost.
        CommittedRecords.awaitMarkers(rig.admin());
        kafka.stop();
        BrokerDisk.cut(kafka, JobNames.partialsTopic(rig.job()), 0, 0);
        kafka.start();
    }

    /** The records of input partition 1 have their partial totals where those of partition 0 were. */
    @Test
    void aTopicThatIsCutOffIsNoticedBeforeItGrowsAgain() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = rig(kafka)) {
            rig.send(0, TopicScopeIT.of(rig, 0, 5));
            rig.newRun().records();
            lose(kafka, rig);
            for (int i = 0; i < 3; i++) {
                rig.send(1, TopicScopeIT.of(rig, 0, 2));
            }

            for (int runs = 0; runs < 2; runs++) {
                assertRefused(
                        rig::runAll,
                        FailureKind.PARTIALS_LOST,
                        JobNames.partialsTopic(rig.job()) + "[0] ends at offset 0",
                        "a new output.topic");
            }

            assertThat(rig.readAll(JobNames.partialsTopic(rig.job()))).isEmpty();
            assertThat(rig.rows()).isEmpty();
        }
    }

    /** The plan was made before, so only the step that writes can notice it. */
    @Test
    void aTopicThatIsCutOffDuringARunIsNoticedByTheNextBatchOfTheSamePartition() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = rig(kafka)) {
            rig.send(0, TopicScopeIT.of(rig, 0, 5));
            rig.newRun().records();
            rig.send(0, TopicScopeIT.of(rig, 0, 3));
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            lose(kafka, rig);

            assertRefused(
                    () -> run.produce(0, delta),
                    FailureKind.PARTIALS_LOST,
                    JobNames.partialsTopic(rig.job()) + "[0]",
                    "a new output.topic");

            assertThat(rig.progress().get(0).through())
                    .as("nothing is committed")
                    .isEqualTo(5);
        }
    }
}
