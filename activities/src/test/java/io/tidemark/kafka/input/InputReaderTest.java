package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.settings.KafkaSettings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InputReaderTest {
    private static InputReader reader(ReaderKind kind) {
        return InputReader.of(new KafkaClients(KafkaSettings.of(Map.of("bootstrap.servers", "localhost:9092")), kind));
    }

    @Test
    void theReaderIsTheOneThatTheClientsWereMadeFor() {
        assertThat(reader(ReaderKind.FETCH)).isInstanceOf(FallbackReader.class);
        assertThat(reader(ReaderKind.CONSUMER)).isInstanceOf(ConsumerReader.class);
    }
}
