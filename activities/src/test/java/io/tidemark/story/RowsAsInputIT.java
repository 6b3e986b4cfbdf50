package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.embedded.Producers;
import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A job whose input is the output of another job. */
@LifecycleSuite
@Timeout(60)
class RowsAsInputIT {
    private static JobSpec over(Rig rig, String rows) {
        return rig.jobWith(json -> {
            json.put("name", rig.job().name() + "-rows");
            json.putObject("input").put("topic", rig.output()).put("rows", rows);
            json.putObject("aggregate").put("rows", "count");
            json.withObject("/output").put("topic", rig.output() + "-rows");
        });
    }

    private static void assertRefused(Rig rig) {
        assertThatThrownBy(
                        () -> rig.newRun(over(rig, "refuse"), Checkpoints.NONE).plan())
                .isInstanceOfSatisfying(TidemarkException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(FailureKind.INVALID_JOB);
                    assertThat(failure)
                            .hasMessageContainingAll(
                                    "input.topic",
                                    rig.output() + "[1]",
                                    "job " + rig.job().name(),
                                    "input.rows: count");
                });
    }

    @Test
    void everyRowNamesItsJobInAHeader() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 3);
            rig.runAll();

            for (ConsumerRecord<byte[], byte[]> each : rig.readAll(rig.output())) {
                assertThat(each.headers()).singleElement().satisfies(header -> {
                    assertThat(header.key()).isEqualTo("tidemark.row");
                    assertThat(header.value())
                            .asString(StandardCharsets.UTF_8)
                            .isEqualTo(rig.job().name() + "/1");
                });
            }
        }
    }

    /** Each correction of a row would count as a record. */
    @Test
    void aFirstRunOverRowsIsRefusedAndCreatesNothing() {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(1, 0, 3);
            rig.runAll();

            assertRefused(rig);

            assertThat(Rig.get(rig.admin().listTopics().names())).doesNotContain(rig.output() + "-rows");
        }
    }

    @Test
    void rowsThatComeAfterTheFirstRunAreNoticed() {
        try (Rig rig = Rig.voltage(2)) {
            rig.create(rig.output(), 2, Map.of("cleanup.policy", "compact"));
            rig.newRun(over(rig, "refuse"), Checkpoints.NONE).all();
            rig.send(1, 0, 3);
            rig.runAll();

            assertRefused(rig);
        }
    }

    @Test
    void aHeaderOfThisNameWithoutAValueIsNoRow() throws Exception {
        try (Rig rig = Rig.voltage(1);
                var other = Producers.ofBytes(Rig.client())) {
            rig.send(0, 0, 3);
            ProducerRecord<byte[], byte[]> odd = new ProducerRecord<>(rig.input(), 0, new byte[0], new byte[0]);
            odd.headers().add("tidemark.row", null);
            other.send(odd).get();

            assertThat(rig.newRun().plan().ranges()).containsExactly(new PartitionRange(0, 0, 4));
        }
    }

    @Test
    void aJobThatCountsEachRowIsPlanned() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 3);
            rig.runAll();

            assertThat(rig.newRun(over(rig, "count"), Checkpoints.NONE).plan().ranges())
                    .containsExactly(new PartitionRange(
                            0,
                            0,
                            rig.ends(rig.output(), IsolationLevel.READ_COMMITTED)
                                    .getOrDefault(0, 0L)));
        }
    }
}
