package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.StateSize;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.TopicScope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A plan knows whether the group has the offsets of all partitions, so that a run with nothing to do publishes none. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class PublishedOffsetsIT {

    private static @Nullable StateSize published(Rig rig) {
        // The response to a commit comes before its markers, and the plan reads what they make visible.
        CommittedRecords.awaitMarkers(rig.admin());
        return rig.newRun().plan().published();
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(Rig rig) {
        return Rig.get(rig.admin().listConsumerGroupOffsets(rig.group()).partitionsToOffsetAndMetadata());
    }

    @Test
    void theOffsetsOfAllPartitionsArePublishedFromTheCommitToTheNextBatch() {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(0, 0, 10);
            rig.runAll();
            StateSize size = StateSize.of(rig.progress().values());

            assertThat(published(rig))
                    .isEqualTo(size)
                    .extracting(StateSize::cells)
                    .isNotEqualTo(0L);

            rig.send(1, 0, 5);
            StepwiseRun run = rig.newRun();
            run.slices().forEach(run::chain);
            assertThat(published(rig)).as("the run died before its commit").isNull();

            rig.runAll();
            assertThat(published(rig)).isEqualTo(StateSize.of(rig.progress().values()));
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void offsetsAreNotPublishedInTheRunThatRegistersAPartition() {
        try (Rig rig = Rig.voltage(2)) {
            assertThat(published(rig)).isNull();
        }
    }

    @Test
    void offsetsThatAGroupHasForgottenAreNotPublished() {
        try (Rig rig = Rig.afterAFirstRun()) {
            rig.runAll();
            assertThat(published(rig)).isNotNull();

            Rig.get(rig.admin().deleteConsumerGroups(List.of(rig.group())).all());

            assertThat(published(rig)).isNull();
        }
    }

    @Test
    void offsetsThatWerePublishedAnHourAgoOrByARelease01ArePublishedAgain() {
        try (Rig rig = Rig.afterAFirstRun()) {
            rig.runAll();
            Map<TopicPartition, OffsetAndMetadata> now = offsets(rig);
            TopicPartition first = now.keySet().iterator().next();
            String mark = now.get(first).metadata();
            assertThat(mark).matches("tidemark generation=1 run=\\S+ topic=\\S+ at=\\d+");
            String without = mark.substring(0, mark.lastIndexOf(" at="));

            for (String old : new String[] {
                without + " at=" + Instant.now().minus(Duration.ofMinutes(61)).getEpochSecond(),
                without,
                without + " at=soon",
                without + " at=" + Long.MAX_VALUE,
            }) {
                alter(rig, first, now.get(first).offset(), old);
                assertThat(published(rig)).as(old).isNull();
            }
            alter(
                    rig,
                    first,
                    now.get(first).offset(),
                    without + " at="
                            + Instant.now().minus(Duration.ofMinutes(59)).getEpochSecond());
            assertThat(published(rig)).isNotNull();
        }
    }

    private static void alter(Rig rig, TopicPartition partition, long offset, String mark) {
        Rig.get(rig.admin()
                .alterConsumerGroupOffsets(rig.group(), Map.of(partition, new OffsetAndMetadata(offset, mark)))
                .all());
    }

    @Test
    void offsetsOfPartialTotalsThatAreInNoRowAreNotPublished() {
        try (Rig rig = Rig.with(2, TopicScope.rows())) {
            rig.send(0, 0, 10);
            rig.runAll();
            StateSize both = StateSize.of(rig.progress().values())
                    .plus(StateSize.of(TopicScope.totals(rig).values()));
            assertThat(published(rig)).isEqualTo(both);

            rig.send(0, 10, 20);
            StepwiseRun run = rig.newRun();
            run.slices().forEach(run::chain);
            run.commit();

            assertThat(published(rig)).isNull();
        }
    }
}
