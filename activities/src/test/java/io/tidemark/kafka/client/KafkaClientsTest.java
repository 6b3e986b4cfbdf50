package io.tidemark.kafka.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.settings.KafkaSettings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaClientsTest {
    private static ReaderKind reader(ReaderKind kind, Map<String, String> settings) {
        return new KafkaClients(KafkaSettings.of(settings), kind).reader();
    }

    @Test
    void theReaderIsTheOneThatWasChosen() {
        Map<String, String> settings = Map.of("bootstrap.servers", "localhost:9092");
        assertThat(reader(ReaderKind.FETCH, settings)).isEqualTo(ReaderKind.FETCH);
        assertThat(reader(ReaderKind.CONSUMER, settings)).isEqualTo(ReaderKind.CONSUMER);
    }

    @ParameterizedTest
    @CsvSource({"client.rack, a", "interceptor.classes, com.example.Watcher", "metric.reporters, com.example.Reporter"})
    void settingsThatOnlyAConsumerKnowsAskForAConsumer(String name, String value) {
        assertThat(reader(ReaderKind.FETCH, Map.of("bootstrap.servers", "localhost:9092", name, value)))
                .isEqualTo(ReaderKind.CONSUMER);
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
