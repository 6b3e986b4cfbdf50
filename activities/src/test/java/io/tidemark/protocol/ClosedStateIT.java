package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.state.ChunkRef;
import io.tidemark.state.PartitionProgress;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.ClosingScene;
import io.tidemark.testkit.Crash;
import io.tidemark.testkit.Rig;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.junit.jupiter.api.Test;

/** What closing windows and pages leave in the state topic. */
class ClosedStateIT {
    /** By key, whether the last record of partition 0 has a value. */
    private static Map<String, Boolean> left(Rig rig) {
        Map<String, Boolean> left = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> each : rig.readAll(rig.stateTopic())) {
            if (each.partition() == 0) {
                left.put(text(each.key()), each.value() != null);
            }
        }
        return left;
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.UTF_8);
    }

    private static String key(String day) {
        return Instant.parse(day + "T00:00:00Z").toEpochMilli() + "/0";
    }

    @Test
    void aClosedWindowLeavesATombstoneAndOpenOnesTheirChunks() {
        try (ClosingScene scene = ClosingScene.of(1, false, json -> {})) {
            scene.at(1, 2).send(0, 0, 5).send(0, 1, 2).runAll();
            assertThat(left(scene.rig())).doesNotContainValue(false).containsKey(key("2006-12-23"));

            scene.at(2, 2).runAll();

            assertThat(left(scene.rig()))
                    .isEqualTo(Map.of("progress", true, key("2006-12-23"), false, key("2006-12-24"), true));
            PartitionProgress progress = scene.rig().progress().get(0);
            assertThat(progress.chunks()).singleElement().satisfies(chunk -> {
                assertThat(chunk.window() + "/" + chunk.number()).isEqualTo(key("2006-12-24"));
                assertThat(chunk.page().bytes()).isEqualTo(progress.bytes());
            });
            List<ConsumerRecord<byte[], byte[]>> log =
                    scene.rig().readAll(scene.rig().stateTopic());
            assertThat(text(log.get(log.size() - 1).key())).isEqualTo("progress");
            scene.holds();
        }
    }

    /** The search for the progress goes back over the records of the attempt that died, and over tombstones. */
    @Test
    void theProgressIsFoundBehindAnAttemptThatDiedWhileItRemovedChunks() {
        try (ClosingScene scene = ClosingScene.of(1, true, json -> {})) {
            scene.at(1, 2).send(0, 0, 5).send(0, 1, 2).runAll();
            scene.at(2, 2).runAll();
            scene.at(3, 2).send(0, 3, 4);
            assertThatThrownBy(() ->
                            scene.newRun(Crash.at(Point.PRODUCE_AFTER_SENDS)).all())
                    .isInstanceOf(Crash.class);

            scene.at(3, 3).runAll();

            scene.holds();
            assertThat(left(scene.rig()).get(key("2006-12-24"))).isFalse();
        }
    }

    private static void send(Rig rig, int from, int to) {
        for (int i = from; i < to; i++) {
            String value =
                    "{\"datetime\":\"23/12/2006 10:00:00\",\"voltage\":1,\"id\":\"vendor-" + (100_000 + i) + "\"}";
            rig.sendRaw(0, value.getBytes(StandardCharsets.UTF_8));
        }
        rig.flush();
    }

    /** The job has no close: a window of more than 1 MiB is enough. */
    @Test
    void oneGroupOfALargeWindowReadsAndRewritesItsPageOnly() {
        try (Rig rig = Rig.with(1, json -> {
            json.putArray("groupBy").add("id");
            json.withObject("/output").put("key", "{date}/{id}");
        })) {
            send(rig, 0, 20_000);
            rig.runAll();
            assertThat(rig.progress().get(0).version()).as("less than 1 MiB").isEqualTo(1);
            send(rig, 20_000, 50_000);
            rig.runAll();
            PartitionProgress before = rig.progress().get(0);
            assertThat(before.version()).isEqualTo(2);
            long end = rig.ends(rig.stateTopic(), IsolationLevel.READ_COMMITTED).get(0);
            send(rig, 33_333, 33_334);

            rig.runAll();

            PartitionProgress after = rig.progress().get(0);
            Set<ChunkRef> kept = new HashSet<>(before.chunks());
            kept.retainAll(after.chunks());
            assertThat(kept)
                    .hasSize(before.chunks().size() - 1)
                    .hasSize(after.chunks().size() - 1);
            assertThat(rig.readAll(rig.stateTopic()).stream()
                            .filter(each -> each.offset() >= end)
                            .mapToInt(each -> each.value().length)
                            .sum())
                    .isLessThan(64 * 1024);
            assertThat(after.cells()).isEqualTo(50_000);
            assertThat(rig.rows()).hasSize(50_000);
            assertThat(rig.rows().get("0/2006-12-23/vendor-133333").get("count").longValue())
                    .isEqualTo(2);
        }
    }
}
