package io.tidemark.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.embedded.Producers;
import io.tidemark.kafka.client.SecondLook;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.Windows;
import io.tidemark.testkit.ClosingScene;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.TopicScope;
import io.tidemark.testkit.Trials;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The first progress of a partition is committed, and its marker is not written yet when a run announces what it closes. */
@Timeout(60)
class FirstWatermarksIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long EVENT = 1_166_832_000_000L;

    @Test
    void aProgressThatIsHiddenIsWaitedFor() throws IOException {
        try (ClosingScene scene = ClosingScene.of(
                        2,
                        true,
                        TopicScope.rows()
                                .andThen(json -> json.withObject("/close")
                                        .put("by", "eventTime")
                                        .put("maxAhead", "30d")));
                KafkaProducer<byte[], byte[]> writer = writer(scene.rig())) {
            Rig rig = scene.rig();
            scene.send(1, 0, 3).newRun().plan();
            writer.initTransactions();
            writer.beginTransaction();
            var unused = writer.send(firstProgress(rig));
            writer.flush();

            assertThat(watermark(rig, new SecondLook(Duration.ZERO))).isEqualTo(Windows.NO_RECORD);

            CompletableFuture<Void> committed =
                    CompletableFuture.runAsync(writer::commitTransaction, Trials.later(200));
            assertThat(watermark(rig, SecondLook.atLeaders(rig.clients()))).isEqualTo(EVENT);
            committed.join();
        }
    }

    private static KafkaProducer<byte[], byte[]> writer(Rig rig) {
        Properties settings = rig.clientSettings();
        settings.put("transactional.id", "slice-of-" + rig.input());
        return Producers.ofBytes(settings);
    }

    /** Returns the progress that a batch with the first three records of partition 1 writes. */
    private static ProducerRecord<byte[], byte[]> firstProgress(Rig rig) throws IOException {
        var registered = rig.readAll(rig.stateTopic()).stream()
                .filter(each -> each.partition() == 1)
                .findFirst()
                .orElseThrow();
        ObjectNode progress = (ObjectNode) JSON.readTree(registered.value());
        progress.put("through", 3).put("watermark", EVENT);
        return new ProducerRecord<>(rig.stateTopic(), 1, registered.key(), JSON.writeValueAsBytes(progress));
    }

    private static long watermark(Rig rig, SecondLook look) {
        Map<Integer, PartitionProgress> records = new TreeMap<>(rig.progress());
        TwoStages.awaitFirstWatermarks(rig.clients(), rig.job(), records, look);
        PartitionProgress second = records.get(1);
        assertThat(second).isNotNull();
        return second.windows().watermark();
    }
}
