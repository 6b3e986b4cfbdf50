package io.tidemark.kafka.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.settings.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaClientsTest {
    private static final long MIB = 1024 * 1024;

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
        ClientConfigs configs = new ClientConfigs(KafkaSettings.of(Map.of(
                "bootstrap.servers", "localhost:9092",
                "request.timeout.ms", "1234",
                "default.api.timeout.ms", "5678")));

        assertThat(configs.admin())
                .containsEntry("request.timeout.ms", "1234")
                .containsEntry("default.api.timeout.ms", "5678");
    }

    private static KafkaClients clients(ReaderKind kind, String... settings) {
        Map<String, String> all = new HashMap<>(Map.of("bootstrap.servers", "localhost:9092"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return new KafkaClients(KafkaSettings.of(all), kind);
    }

    @Test
    void anInputWaitsLongEnoughForATieredSegment() {
        try (KafkaClients clients = clients(ReaderKind.FETCH);
                KafkaClients impatient = clients(ReaderKind.FETCH, "fetch.max.wait.ms", "7")) {
            assertThat(clients.fetchConfig().getInt("fetch.max.wait.ms")).isEqualTo(500);
            assertThat(impatient.fetchConfig().getInt("fetch.max.wait.ms")).isEqualTo(7);
        }
    }

    @Test
    void theMemoryOfAReadFollowsTheSettingsAndDoesNotGrowWithTheLeaders() {
        try (KafkaClients clients = clients(ReaderKind.FETCH);
                KafkaClients large = clients(ReaderKind.FETCH, "fetch.max.bytes", "50000000")) {
            assertThat(clients.fetchedBytes(1)).isEqualTo(2 * 4 * MIB);
            assertThat(clients.fetchedBytes(50)).isEqualTo(2 * 8 * MIB);
            assertThat(large.fetchedBytes(50)).isEqualTo(2 * 50_000_000);
            for (int leaders = 1; leaders <= 50; leaders++) {
                assertThat(leaders * (long) clients.fetchOfLeader(leaders)).isLessThanOrEqualTo(8 * MIB);
            }
            assertThat(large.fetchOfLeader(4)).isEqualTo(12_500_000);
            assertThat(clients.fetchOfLeader(1_000)).isEqualTo(64 * 1024);
        }
    }

    @Test
    void aConsumerHoldsOneResponseForEachPartition() {
        try (KafkaClients clients = clients(ReaderKind.CONSUMER);
                KafkaClients large = clients(ReaderKind.CONSUMER, "max.partition.fetch.bytes", "10000000")) {
            assertThat(clients.fetchedBytes(30)).isEqualTo(30 * 4 * MIB);
            assertThat(clients.fetchedBytes(200)).isEqualTo(200 * MIB);
            assertThat(large.fetchedBytes(30)).isEqualTo(300_000_000);
        }
    }

    @Test
    void theAdminClientIsReplacedSoThatItReadsRenewedCertificates() {
        AtomicLong now = new AtomicLong();
        try (KafkaClients clients = new KafkaClients(
                KafkaSettings.of(Map.of("bootstrap.servers", "localhost:9092")),
                ReaderKind.FETCH,
                RetryTimes.DEFAULT,
                now::get)) {
            Admin first = clients.admin();
            clients.closeIdle();
            assertThat(clients.admin()).isSameAs(first);

            now.addAndGet(Duration.ofMinutes(61).toNanos());
            clients.closeIdle();

            assertThat(clients.admin()).isNotSameAs(first);
        }
    }

    @Test
    void anAnswerIsAskedForAgainWhenItIsOld() {
        AtomicLong now = new AtomicLong();
        AtomicInteger asked = new AtomicInteger();
        Remembered<Integer> answer = new Remembered<>(asked::incrementAndGet, Duration.ofSeconds(60), now::get);
        assertThat(answer.get()).isEqualTo(1);
        now.addAndGet(Duration.ofSeconds(60).toNanos());
        assertThat(answer.get()).isEqualTo(1);
        now.incrementAndGet();
        assertThat(answer.get()).isEqualTo(2);
    }
}
