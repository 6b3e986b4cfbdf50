package io.tidemark.protocol;

import static io.tidemark.protocol.RefusalsIT.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.Producers;
import io.tidemark.kafka.input.TruncationCheck;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.ConsumeStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.BrokerDisk;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** An input that lost records, has a damaged batch, or was created again. */
@LifecycleSuite
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class LostInputIT {
    @Test
    void anInputThatLostWhatWasCountedFailsThatPartitionAlone() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = Rig.with(Cluster.at(kafka.bootstrapServers()), 2, Map.of(), json -> {})) {
            rig.send(0, 0, 5);
            rig.send(0, 5, 10);
            rig.send(1, 0, 5);
            rig.runAll();
            kafka.stop();
            BrokerDisk.cut(kafka, rig.input(), 0, 5);
            kafka.start();
            rig.send(1, 5, 8);

            RunPlan plan = rig.runAll().plan();

            assertThat(plan.problems()).singleElement().satisfies(problem -> {
                assertThat(problem.partition()).isZero();
                assertThat(problem.kind()).isEqualTo(FailureKind.TRUNCATED);
                assertThat(problem.message()).contains(rig.input() + "[0]", "is 10", "ends at 5");
            });
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void anInputThatLostWhatWasCountedAndGrewAgainFailsThatPartitionAlone() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = Rig.with(Cluster.at(kafka.bootstrapServers()), 4, Map.of(), json -> {})) {
            for (int partition = 0; partition < 4; partition++) {
                rig.send(partition, 0, 5);
                rig.send(partition, 5, 10);
            }
            rig.runAll();
            kafka.stop();
            BrokerDisk.cut(kafka, rig.input(), 0, 5);
            BrokerDisk.cut(kafka, rig.input(), 1, 5);
            BrokerDisk.cut(kafka, rig.input(), 3, 5);
            kafka.start();
            // Partition 0 is as long as before, partition 1 is longer, partition 3 ends with an open transaction. Their
            // offsets do not show that the log is another one.
            byte[] other = Reading.number(0).json().getBytes(StandardCharsets.UTF_8);
            Properties transactional = rig.clientSettings();
            transactional.put("transactional.id", "others-of-" + rig.input());
            try (var others = Producers.ofBytes(rig.clientSettings());
                    var open = Producers.ofBytes(transactional)) {
                for (int i = 5; i < 20; i++) {
                    var unused = others.send(new ProducerRecord<>(rig.input(), i < 10 ? 0 : 1, null, other));
                }
                open.initTransactions();
                open.beginTransaction();
                for (int i = 5; i < 15; i++) {
                    var unused = open.send(new ProducerRecord<>(rig.input(), 3, null, other));
                }
                open.flush();
                others.flush();
                rig.send(2, 10, 13);

                RunPlan plan = rig.runAll().plan();

                assertThat(plan.problems())
                        .extracting(PartitionProblem::partition)
                        .as("%s", plan.problems())
                        .containsExactly(0, 1, 3);
                assertThat(plan.problems()).allSatisfy(problem -> {
                    assertThat(problem.kind()).isEqualTo(FailureKind.TRUNCATED);
                    assertThat(problem.message())
                            .contains(rig.input() + "[" + problem.partition() + "]", "is 10", "since offset 5");
                });
            }
            Guarantees.holdAtTheEnd(rig);
        }
    }

    /**
     * Like a log after a restored backup. A check of two such partitions does not wait for a leader with the unknown
     * epoch.
     */
    @Test
    void anEpochThatTheLogDoesNotKnowIsATruncation() {
        try (Rig rig = Rig.with(2, json -> {})) {
            rig.send(0, 0, 5);
            rig.send(1, 0, 5);
            rig.runAll();
            Map<Integer, PartitionProgress> read = new TreeMap<>(rig.progress());
            read.replaceAll((partition, each) -> new PartitionProgress(
                    each.identity(),
                    each.meaning(),
                    each.partitionsPerSlice(),
                    each.through(),
                    each.leaderEpoch() + 1000,
                    each.cells(),
                    each.bytes(),
                    each.windows(),
                    each.last(),
                    each.chunks(),
                    List.of()));
            TruncationCheck check = new TruncationCheck(rig.clients());

            // A leader has lost nothing of what it appended itself, so the second partition is not asked for.
            Map<Integer, Integer> ofOne = Map.of(1, read.get(1).leaderEpoch());
            assertThat(check.problems(rig.input(), read, ofOne)).containsOnlyKeys(0);
            for (int look = 0; look < 2; look++) {
                assertThat(check.problems(rig.input(), read, Map.of()))
                        .hasSize(2)
                        .allSatisfy((partition, problem) -> {
                            assertThat(problem.kind()).isEqualTo(FailureKind.TRUNCATED);
                            assertThat(problem)
                                    .hasMessageContainingAll(rig.input() + "[" + partition + "]", "leader epoch");
                        });
            }
            rig.send(0, 5, 8);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aDamagedBatchOfTheInputIsGotOverAsTheMessageSays() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = Rig.with(
                        Cluster.at(kafka.bootstrapServers()),
                        1,
                        Map.of(),
                        json -> json.withObject("/input").put("dataLoss", "continue"))) {
            rig.send(0, 0, 5);
            rig.runAll();
            rig.sendRaw(0, Reading.number(5).json().getBytes(StandardCharsets.UTF_8));
            rig.flush();
            kafka.stop();
            BrokerDisk.damage(kafka, rig.input(), 0, 5);
            kafka.start();
            rig.send(0, 6, 10);

            StepwiseRun damaged = rig.newRun();
            assertRefused(() -> damaged.delta(0), FailureKind.INPUT_DAMAGED, rig.input() + "-0", "offset 5");
            Rig.get(rig.admin()
                    .deleteRecords(Map.of(new TopicPartition(rig.input(), 0), RecordsToDelete.beforeOffset(6)))
                    .all());
            rig.runAll();

            assertThat(rig.progress().get(0).last().counts().lost()).isEqualTo(1);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    /** Its offsets end before those of the plan, as if the log were truncated. */
    @Test
    void aShorterTopicThatIsCreatedAgainIsNotTakenForATruncatedOne() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            StepwiseRun run = rig.newRun();
            run.plan();
            Rig.get(rig.admin().deleteTopics(List.of(rig.input())).all());
            rig.create(rig.input(), 1, Map.of());

            assertRefused(
                    () -> run.consume(0, 0, List.of(new PartitionRange(0, 5, 10))),
                    FailureKind.TOPIC_RECREATED,
                    rig.input());
        }
    }

    @Test
    void aTopicThatIsCreatedAgainWhileItIsReadFailsTheAttempt() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            StepwiseRun run = rig.newRun();
            run.plan();
            Staged read = run.consume(0, 0, List.of(new PartitionRange(0, 0, 10)));
            assertThat(read.ranges()).hasSize(1);
            var other = new PlanIdentity(
                    run.slice(0).identity().fingerprint(),
                    1,
                    "another-id",
                    run.slice(0).identity().outputId(),
                    run.slice(0).identity().stateId());

            assertRefused(
                    () -> new ConsumeStep(rig.clients(), rig.staging(), "host", WorkerMemory.ofHeap(), Checkpoints.NONE)
                            .consume(
                                    new SliceRef(rig.job(), run.runId(), other, 0),
                                    1,
                                    List.of(new PartitionRange(0, 0, 10)),
                                    StepProgress.NONE),
                    FailureKind.TOPIC_RECREATED,
                    rig.input(),
                    "another-id");
        }
    }
}
