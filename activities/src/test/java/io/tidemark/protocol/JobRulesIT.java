package io.tidemark.protocol;

import static io.tidemark.protocol.RefusalsIT.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.TidemarkException;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the fields of a job decide: where its first run begins, bad records, limits, groups and aggregates. */
@LifecycleSuite
@Timeout(60)
class JobRulesIT {
    @Test
    void theFirstRunBeginsWhereTheJobSays() {
        try (Rig latest = Rig.with(1, json -> json.put("start", "latest"));
                Rig late = Rig.with(
                        1,
                        json -> json.put(
                                "start", Instant.now().plusSeconds(3600).toString()));
                Rig early = Rig.with(1, json -> json.put("start", "2006-12-23T00:00:00Z"));
                Rig group = Rig.with(1, json -> json.put("start", "group"))) {
            for (Rig each : List.of(latest, late, early, group)) {
                each.send(0, 0, 10);
            }
            Rig.get(group.admin()
                    .alterConsumerGroupOffsets(
                            group.group(), Map.of(new TopicPartition(group.input(), 0), new OffsetAndMetadata(4)))
                    .all());

            assertThat(latest.newRun().plan().ranges()).isEmpty();
            assertThat(late.newRun().plan().ranges()).isEmpty();
            assertThat(early.newRun().plan().ranges()).containsExactly(new PartitionRange(0, 0, 10));
            assertThat(group.newRun().plan().ranges()).containsExactly(new PartitionRange(0, 4, 10));
            assertThat(group.runAll().plan().ranges())
                    .as("the group's offset has Tidemark's mark")
                    .isEmpty();
        }
    }

    @Test
    void aGroupThatHasNoOffsetsIsNoStart() {
        try (Rig rig = Rig.with(1, json -> json.putObject("start").put("group", "nobody"))) {
            assertRefused(() -> rig.newRun().plan(), FailureKind.INVALID_JOB, "start", "nobody", rig.input() + "[0]");
        }
    }

    @Test
    void aJobThatFailsOnBadRecordsNamesTheRecord() {
        try (Rig rig = Rig.with(1, json -> json.put("badRecords", "fail"))) {
            rig.send(0, 0, 3);
            rig.sendRaw(
                    0,
                    "{\"datetime\":\"23/12/2006 00:00:00\",\"voltage\":\"secret\"}".getBytes(StandardCharsets.UTF_8));
            rig.flush();

            assertThatThrownBy(() -> rig.newRun().all()).isInstanceOfSatisfying(TidemarkException.class, failure -> {
                assertThat(failure.kind()).isEqualTo(FailureKind.BAD_RECORD);
                assertThat(failure)
                        .hasMessageContaining(rig.input() + "[0] at offset 3")
                        .hasMessageContaining("voltage")
                        .hasMessageNotContaining("secret");
            });
        }
    }

    @Test
    void aJobThatSkipsBadRecordsCountsThem() {
        try (Rig rig = Rig.with(1, json -> json.put("badRecords", "skip"))) {
            rig.send(0, 0, 3);
            rig.sendRaw(0, null);
            rig.flush();

            StepwiseRun run = rig.runAll();

            assertThat(run.verdicts()).singleElement().satisfies(verdict -> {
                assertThat(verdict.counts().folded()).isEqualTo(3);
                assertThat(verdict.counts().skipped()).isEqualTo(1);
            });
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void theLimitOfBadRecordsCountsAllPiecesOfARun() {
        try (Rig rig = Rig.with(1, json -> json.putObject("badRecords").put("limit", 3))) {
            for (int i = 0; i < 4; i++) {
                rig.sendRaw(0, null);
            }
            rig.flush();
            StepwiseRun run = rig.newRun();
            run.plan();

            assertThat(run.chain(0, List.of(new PartitionRange(0, 0, 2))))
                    .extracting(PartitionVerdict::verdict)
                    .containsExactly(Verdict.DONE);
            assertThat(run.chain(0, List.of(new PartitionRange(0, 2, 4))))
                    .singleElement()
                    .satisfies(verdict -> {
                        assertThat(verdict.verdict()).isEqualTo(Verdict.FAILED);
                        assertThat(verdict.problem().kind()).isEqualTo(FailureKind.TOO_MANY_BAD_RECORDS);
                    });
        }
    }

    @Test
    void cellsOfAllBatchesTogetherAreLimited() {
        try (Rig rig = Rig.with(1, json -> json.putObject("limits").put("cells", 2))) {
            rig.send(0, 0, 2 * 1440);
            rig.runAll();
            rig.send(0, 2 * 1440, 2 * 1440 + 1);

            assertThat(rig.runAll().verdicts()).singleElement().satisfies(verdict -> {
                assertThat(verdict.verdict()).isEqualTo(Verdict.FAILED);
                assertThat(verdict.problem().kind()).isEqualTo(FailureKind.TOO_MANY_CELLS);
                assertThat(verdict.problem().message()).contains("3 cells", "limits.cells is 2");
            });
        }
    }

    @Test
    void aNumberThatCouldMakeASumOverflowIsSetAsideAndTheJobGoesOn() {
        try (Rig rig = Rig.with(
                1, json -> json.withObject("/aggregate/voltage").removeAll().put("sum", "voltage"))) {
            for (int i = 0; i < 2; i++) {
                rig.sendRaw(
                        0,
                        "{\"datetime\":\"23/12/2006 00:00:00\",\"voltage\":1.7e308}".getBytes(StandardCharsets.UTF_8));
            }
            rig.sendRaw(0, "{\"datetime\":\"24/12/2006 00:00:00\",\"voltage\":5}".getBytes(StandardCharsets.UTF_8));
            rig.flush();

            assertThat(rig.newRun().all().verdicts()).singleElement().satisfies(verdict -> {
                assertThat(verdict.verdict()).isEqualTo(Verdict.DONE);
                assertThat(verdict.counts().deadLettered()).isEqualTo(2);
            });
            assertThat(rig.rows()).hasSize(1);
        }
    }

    @Test
    void groupsAndSeveralAggregatesGoIntoOneRowEach() {
        try (Rig rig = Rig.with(1, json -> {
            json.put("window", "none");
            json.putArray("groupBy").add("meter.site").add("phase");
            json.putObject("input")
                    .put("topic", json.at("/output/topic").asText() + "-in")
                    .put("timestamp", "record");
            json.putObject("aggregate")
                    .put("n", "count")
                    .set("low", json.objectNode().put("min", "v"));
            json.withObject("/aggregate").set("high", json.objectNode().put("max", "v"));
            json.withObject("/aggregate").set("total", json.objectNode().put("sum", "v"));
            json.withObject("/output").remove("key");
        })) {
            for (String value : List.of(
                    "{\"meter\":{\"site\":\"a\"},\"phase\":1,\"v\":1.5}",
                    "{\"v\":2.5,\"phase\":1.0,\"meter\":{\"x\":[{}],\"site\":\"a\"}}",
                    "{\"meter\":{\"site\":\"a\"},\"phase\":\"1\",\"v\":7}")) {
                rig.sendRaw(0, value.getBytes(StandardCharsets.UTF_8));
            }
            rig.flush();

            rig.runAll();

            assertThat(rig.rows()).hasSize(2);
            assertThat(rig.rows().get("0/{\"meter.site\":\"a\",\"phase\":1}").toString())
                    .isEqualTo("{\"meter.site\":\"a\",\"phase\":1,\"n\":2,\"low\":1.5,\"high\":2.5,\"total\":4.0}");
        }
    }
}
