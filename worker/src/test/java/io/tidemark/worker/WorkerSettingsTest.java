package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.check.OutputTopics;
import io.tidemark.check.WeakReplication;
import io.tidemark.kafka.client.ReaderKind;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkerSettingsTest {

    @Test
    void defaults() {
        assertThat(WorkerSettings.defaults())
                .isEqualTo(new WorkerSettings(
                        "kafka-batch",
                        Path.of(System.getProperty("java.io.tmpdir"), "tidemark-" + System.getProperty("user.name")),
                        2 * Runtime.getRuntime().availableProcessors(),
                        5,
                        Duration.ofSeconds(15),
                        Duration.ofDays(2),
                        ReaderKind.FETCH,
                        OutputTopics.ANY,
                        WeakReplication.WARN,
                        Placement.LOCAL));
    }

    @Test
    void aWorkerWithoutActivitiesIsRefused() {
        assertThatThrownBy(() -> new WorkerSettings(
                        "q",
                        Path.of("staged"),
                        0,
                        2,
                        Duration.ofSeconds(1),
                        Duration.ofDays(1),
                        ReaderKind.FETCH,
                        OutputTopics.ANY,
                        WeakReplication.WARN,
                        Placement.LOCAL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--activities is 0");
    }

    @Test
    void aDrainThatIsNegativeIsRefused() {
        assertThatThrownBy(() -> new WorkerSettings(
                        "q",
                        Path.of("staged"),
                        1,
                        2,
                        Duration.ofSeconds(-1),
                        Duration.ofDays(1),
                        ReaderKind.FETCH,
                        OutputTopics.ANY,
                        WeakReplication.WARN,
                        Placement.LOCAL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--drain is -1");
    }
}
