package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidemark.embedded.Producers;
import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.TidemarkException;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Other producers that write to a job's output. */
@LifecycleSuite
@Timeout(60)
class OtherWritersIT {

    @Test
    void aJobAloneInItsOutputIsNotWarned() {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(0, 0, 3);
            rig.send(1, 0, 3);
            rig.runAll();
            rig.send(0, 3, 6);
            rig.runAll();

            assertThat(rig.newRun().plan().warnings()).isEmpty();
        }
    }

    private static StepwiseRun runOfAnotherJob(Rig rig, boolean shared) {
        JobSpec other = rig.jobWith(json -> {
            json.put("name", rig.job().name() + "-again");
            json.withObject("/output").put("shared", shared);
        });
        return rig.newRun(other, Checkpoints.NONE);
    }

    @Test
    void aSecondJobOverAnOutputWithRowsIsRefusedBeforeItWritesAnything() {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(0, 0, 3);
            rig.runAll();

            assertThatThrownBy(() -> runOfAnotherJob(rig, false).plan())
                    .isInstanceOfSatisfying(TidemarkException.class, failure -> {
                        assertThat(failure.kind()).isEqualTo(FailureKind.OUTPUT_NOT_EMPTY);
                        assertThat(failure).hasMessageContainingAll(rig.output() + "[0]", "output.shared: true");
                    });

            assertThat(Rig.get(rig.admin().listTopics().names()))
                    .doesNotContain("tidemark." + rig.job().name() + "-again.state");
        }
    }

    @Test
    void recordsOfTransactionsCountWhenTheyAreCommitted() {
        try (Rig rig = Rig.voltage(2)) {
            rig.create(rig.output(), 2, Map.of("cleanup.policy", "compact"));
            rig.send(0, 0, 3);
            Properties settings = Rig.client();
            settings.put("transactional.id", "stranger-" + rig.output());
            try (var stranger = Producers.ofBytes(settings)) {
                stranger.initTransactions();
                stranger.beginTransaction();
                var aborted = stranger.send(new ProducerRecord<>(rig.output(), 0, new byte[1], new byte[1]));
                stranger.flush();

                assertThatThrownBy(() -> rig.newRun().plan())
                        .as("an open transaction may be committed")
                        .isInstanceOfSatisfying(
                                TidemarkException.class,
                                failure -> assertThat(failure.kind()).isEqualTo(FailureKind.OUTPUT_NOT_EMPTY))
                        .hasMessageContaining(rig.output() + "[0] may have records: it cannot be read from offset 0");

                stranger.abortTransaction();
                await().untilAsserted(() -> assertThat(rig.ends(rig.output(), IsolationLevel.READ_COMMITTED))
                        .as("the aborted record and the marker")
                        .containsEntry(0, 2L));

                assertThat(rig.runAll().verdicts())
                        .extracting(PartitionVerdict::verdict)
                        .containsExactly(Verdict.DONE);
                Guarantees.holdAtTheEnd(rig);
            }
        }
    }

    @Test
    void aSecondJobThatSharesTheOutputRunsWithoutAWarning() {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(0, 0, 3);
            rig.runAll();

            StepwiseRun other = runOfAnotherJob(rig, true).all();

            assertThat(other.verdicts()).extracting(PartitionVerdict::verdict).containsExactly(Verdict.DONE);
            assertThat(runOfAnotherJob(rig, true).plan().warnings()).isEmpty();
        }
    }

    /** Both jobs were registered while the output was empty. */
    @Test
    void anotherJobThatWritesToTheSameTopicIsNamed() {
        try (Rig rig = Rig.voltage(2)) {
            runOfAnotherJob(rig, false).plan();
            rig.send(0, 0, 3);
            rig.runAll();

            assertThat(runOfAnotherJob(rig, false).plan().warnings())
                    .singleElement()
                    .asString()
                    .contains(
                            "output topic " + rig.output(),
                            "tidemark/" + rig.job().name() + "/1/0",
                            "partition 0",
                            "output topic of its own");
        }
    }

    @Test
    void anybodyElseWithATransactionalIdIsNamed() {
        try (Rig rig = Rig.voltage(40)) {
            rig.send(0, 0, 3);
            rig.runAll();
            Properties settings = Rig.client();
            settings.put("transactional.id", "stranger-" + rig.output());
            try (var stranger = Producers.ofBytes(settings)) {
                stranger.initTransactions();
                stranger.beginTransaction();
                for (int partition = 0; partition < 40; partition++) {
                    var unused = stranger.send(new ProducerRecord<>(rig.output(), partition, new byte[1], new byte[1]));
                }
                stranger.commitTransaction();
            }

            assertThat(rig.newRun().plan().warnings())
                    .singleElement()
                    .asString()
                    .contains("stranger-" + rig.output());
        }
    }
}
