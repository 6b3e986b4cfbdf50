package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.bench.BenchReadings.Day;
import io.tidemark.embedded.EmbeddedKafka;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

class BareConsumerIT {

    @Test
    void itReadsEveryRecordOfTheTopicInEachPass() throws Exception {
        BenchReadings readings = new BenchReadings(10_001, 3, 100, 7);
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault()) {
            Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrapServers());
            try (Admin admin = Admin.create(settings)) {
                admin.createTopics(List.of(new NewTopic("bench", 3, (short) 1)))
                        .all()
                        .get(20, TimeUnit.SECONDS);
            }
            Map<Integer, Map<String, Day>> truth = readings.writeTo("bench", settings);
            assertThat(truth.values().stream()
                            .flatMap(days -> days.values().stream())
                            .mapToLong(day -> day.count))
                    .hasSize(90)
                    .satisfies(counts -> assertThat(
                                    counts.stream().mapToLong(each -> each).sum())
                            .isEqualTo(10_001));

            try (ChildJvm child =
                    ChildJvm.start(BareConsumer.class, "256m", kafka.bootstrapServers(), "bench", "3", "2")) {
                assertThat(child.ask("go")).endsWith(" 10001 1000100");
                assertThat(child.ask("go")).endsWith(" 10001 1000100");
            }
        }
    }
}
