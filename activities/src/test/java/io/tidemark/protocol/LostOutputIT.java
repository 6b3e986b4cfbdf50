package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.RetryTimes;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.run.Staged;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.BrokerDisk;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** An output that lost rows, as after an unclean leader election. */
@LifecycleSuite
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class LostOutputIT {
    private static Cluster cluster(EmbeddedKafka kafka) {
        return Cluster.at(kafka.bootstrapServers())
                .with(new RetryTimes(
                        Duration.ofMillis(200),
                        RetryTimes.DEFAULT.newTopic(),
                        RetryTimes.DEFAULT.state(),
                        RetryTimes.DEFAULT.openTransaction()));
    }

    /** Runs the job twice, and returns where the output's partition 0 ended after the first run. */
    private static long twoRuns(Rig rig) {
        rig.send(0, 0, 5);
        rig.send(1, 0, 5);
        rig.runAll();
        long first = rig.ends(rig.output(), IsolationLevel.READ_COMMITTED).getOrDefault(0, 0L);
        rig.send(0, 5, 10);
        rig.send(1, 5, 10);
        rig.runAll();
        return first;
    }

    private static void cut(EmbeddedKafka kafka, Rig rig, long offset) throws Exception {
        kafka.stop();
        BrokerDisk.cut(kafka, rig.output(), 0, offset);
        kafka.start();
    }

    @Test
    void aPartitionThatLostRowsFailsAloneUntilTheJobContinues() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = Rig.with(cluster(kafka), 2, Map.of(), json -> {})) {
            long first = twoRuns(rig);
            long written = rig.progress().get(0).outputEnd();
            cut(kafka, rig, first);
            rig.send(0, 10, 12);
            rig.send(1, 10, 12);

            RunPlan plan = rig.newRun().plan();

            assertThat(plan.problems()).singleElement().satisfies(problem -> {
                assertThat(problem.partition()).isZero();
                assertThat(problem.kind()).isEqualTo(FailureKind.ROWS_LOST);
                assertThat(problem.message())
                        .contains(
                                rig.output() + "[0]",
                                "up to offset " + (written - 1),
                                "ended at offset " + first,
                                "output.dataLoss: continue");
            });
            assertThat(plan.ranges()).containsExactly(new PartitionRange(1, 10, 12));
            JobSpec decided = rig.jobWith(json -> json.withObject("/output").put("dataLoss", "continue"));
            RunPlan continued = rig.newRun(decided, Checkpoints.NONE).all().plan();
            assertThat(continued.problems()).isEmpty();
            assertThat(rig.progress().get(0).through()).isEqualTo(12);
        }
    }

    @Test
    void rowsThatAreLostDuringARunAreNoticedByItsProduce() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = Rig.with(cluster(kafka), 2, Map.of(), json -> {})) {
            long first = twoRuns(rig);
            rig.send(0, 10, 12);
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            cut(kafka, rig, first);

            RefusalsIT.assertRefused(() -> run.produce(0, delta), FailureKind.ROWS_LOST, rig.output() + "[0]");

            assertThat(rig.progress().get(0).through()).isEqualTo(10);
        }
    }

    /** Deleted records and retention move the beginning of a partition, not its end. */
    @Test
    void rowsThatWereDeletedAreNotLost() {
        try (Rig rig = Rig.voltage(2)) {
            twoRuns(rig);
            rig.configure(rig.output(), "cleanup.policy", "delete");
            Rig.get(rig.admin()
                    .deleteRecords(Map.of(new TopicPartition(rig.output(), 0), RecordsToDelete.beforeOffset(-1)))
                    .all());
            rig.send(0, 10, 12);

            assertThat(rig.runAll().plan().problems()).isEmpty();
        }
    }

    /** A batch of bad records writes no row, and the stored end stays. */
    @Test
    void aBatchWithoutRowsKeepsTheEnd() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 5);
            rig.runAll();
            long written = rig.progress().get(0).outputEnd();
            rig.sendRaw(0, new byte[] {'x'});
            rig.flush();

            rig.runAll();

            assertThat(written).isPositive();
            assertThat(rig.progress().get(0).outputEnd()).isEqualTo(written);
        }
    }
}
