package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.settings.ClusterProbe.Answer;
import io.tidemark.settings.ClusterProbe.Finding;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class KafkaStartTest {
    private long nanos;
    private int pauses;

    @Test
    void aClusterThatIsDownIsWaitedForWithoutALimit() throws IOException {
        Deque<Answer> answers = new ArrayDeque<>(Collections.nCopies(10_000, new Answer(Finding.DOWN, "down")));
        answers.add(new Answer(Finding.REACHED, ""));

        start(answers::remove).await();

        assertThat(answers).isEmpty();
        assertThat(pauses).isEqualTo(10_000);
    }

    @Test
    void whatWaitingCannotChangeEndsTheStartAtOnce() {
        for (Finding permanent : List.of(Finding.NOT_AUTHENTICATED, Finding.REFUSED)) {
            assertThatThrownBy(() -> start(() -> new Answer(permanent, "write security.protocol=SSL"))
                            .await())
                    .isInstanceOf(IOException.class)
                    .hasMessage("write security.protocol=SSL");
        }
        assertThat(pauses).isZero();
    }

    @Test
    void anUnknownHostEndsTheStartAfterHalfAMinute() {
        assertThatThrownBy(() -> start(() -> new Answer(Finding.UNKNOWN_HOST, "kafka-1: not known"))
                        .await())
                .isInstanceOf(IOException.class)
                .hasMessage("kafka-1: not known");
        assertThat(Duration.ofNanos(nanos)).isEqualTo(KafkaStart.UNKNOWN_HOST);
    }

    @Test
    void anUnknownHostThatBecomesKnownIsWaitedFor() throws IOException {
        Deque<Answer> answers = new ArrayDeque<>(
                List.of(new Answer(Finding.UNKNOWN_HOST, "kafka-1: not known"), new Answer(Finding.REACHED, "")));

        start(answers::remove).await();

        assertThat(answers).isEmpty();
    }

    private KafkaStart start(Supplier<Answer> probe) {
        return new KafkaStart(probe, () -> nanos, pause -> {
            pauses++;
            nanos += pause.toNanos();
        });
    }
}
