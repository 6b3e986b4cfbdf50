package io.tidemark.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.kafka.InputReader.Kind;
import io.tidemark.settings.KafkaSettings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaClientsTest {
    private static InputReader reader(Kind kind, Map<String, String> settings) {
        return new KafkaClients(KafkaSettings.of(settings), kind).inputReader();
    }

    @Test
    void theReaderIsTheOneThatWasChosen() {
        Map<String, String> settings = Map.of("bootstrap.servers", "localhost:9092");
        assertThat(reader(Kind.FETCH, settings)).isInstanceOf(FetchReader.class);
        assertThat(reader(Kind.CONSUMER, settings)).isInstanceOf(ConsumerReader.class);
    }

    @ParameterizedTest
    @CsvSource({"client.rack, a", "interceptor.classes, com.example.Watcher", "metric.reporters, com.example.Reporter"})
    void settingsThatOnlyAConsumerKnowsAskForAConsumer(String name, String value) {
        assertThat(reader(Kind.FETCH, Map.of("bootstrap.servers", "localhost:9092", name, value)))
                .isInstanceOf(ConsumerReader.class);
    }

    @Test
    void anAdminClientIsAsPatientAsTheSettingsSay() {
        try (KafkaClients clients = new KafkaClients(KafkaSettings.of(Map.of(
                "bootstrap.servers", "localhost:9092",
                "request.timeout.ms", "1234",
                "default.api.timeout.ms", "5678")))) {
            assertThat(clients.adminConfig())
                    .containsEntry("request.timeout.ms", "1234")
                    .containsEntry("default.api.timeout.ms", "5678");
        }
    }
}
