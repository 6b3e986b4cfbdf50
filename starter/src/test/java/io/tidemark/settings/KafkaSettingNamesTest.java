package io.tidemark.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Test;

/** The names stand in a module without Kafka; here they meet the clients. */
class KafkaSettingNamesTest {
    @Test
    void theNamesAreThoseOfTheClients() {
        // Known to admin clients under another meaning, or only for tests inside the client.
        Set<String> internal = Set.of("internal.throw.on.fetch.stable.offset.unsupported");
        Set<String> everywhere = new TreeSet<>(ConsumerConfig.configNames());
        everywhere.retainAll(ProducerConfig.configNames());
        everywhere.retainAll(AdminClientConfig.configNames());
        assertThat(KafkaSettingNames.COMMON).isEqualTo(everywhere);
        assertThat(KafkaSettingNames.CONSUMER)
                .isEqualTo(minus(minus(ConsumerConfig.configNames(), everywhere), internal));
        assertThat(KafkaSettingNames.PRODUCER).isEqualTo(minus(ProducerConfig.configNames(), everywhere));
    }

    @Test
    void aRenamedSettingExistsUnderItsNewName() {
        assertThat(KafkaSettingNames.RENAMED.values())
                .allMatch(name -> KafkaSettingNames.COMMON.contains(name)
                        || KafkaSettingNames.CONSUMER.contains(name)
                        || KafkaSettingNames.PRODUCER.contains(name));
    }

    private static Set<String> minus(Set<String> names, Set<String> others) {
        Set<String> left = new TreeSet<>(names);
        left.removeAll(others);
        return left;
    }
}
