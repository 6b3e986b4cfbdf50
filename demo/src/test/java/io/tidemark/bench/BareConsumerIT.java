package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.embedded.EmbeddedKafka;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

class BareConsumerIT {

    @Test
    void eachPassReadsEveryRecord() throws Exception {
        Workload workload = new Workload(10_001, 3, 100, 0, "none", 0, false, 1, false);
        BenchReadings readings = new BenchReadings(workload, 7);
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault()) {
            Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrapServers());
            try (Admin admin = Admin.create(settings)) {
                admin.createTopics(List.of(new NewTopic("bench", 3, (short) 1)))
                        .all()
                        .get(20, TimeUnit.SECONDS);
            }
            Truth truth = new Truth();
            readings.writeTo("bench", settings, truth);
            assertThat(truth.rows()).isEqualTo(90);
            assertThat(truth.readings()).isEqualTo(10_001);

            try (ChildJvm child =
                    ChildJvm.start(BareConsumer.class, "256m", kafka.bootstrapServers(), "bench", "3", "2")) {
                assertThat(child.ask("all")).endsWith(" 10001 1000100");
                assertThat(child.ask("all")).endsWith(" 10001 1000100");
                assertThat(child.ask("new")).endsWith(" 0 0");
                readings.writeTo("bench", settings, truth);
                assertThat(child.ask("new")).endsWith(" 10001 1000100");
                assertThat(child.ask("all")).endsWith(" 20002 2000200");
                assertThat(child.cpuSeconds()).isPositive();
            }
        }
    }
}
