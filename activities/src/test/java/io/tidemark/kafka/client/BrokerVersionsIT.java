package io.tidemark.kafka.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.FaultyProxy;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

class BrokerVersionsIT {
    @Test
    void anOlderBrokerIsRefusedBeforeAnythingIsDone() {
        FaultyProxy proxy = SharedBroker.proxy(1);
        proxy.hide(ApiKeys.LIST_TRANSACTIONS);
        try (Rig rig = Rig.with(Cluster.proxied(proxy), 1, Map.of(), json -> {})) {
            rig.send(0, 0, 5);

            assertThatThrownBy(rig::runAll).isInstanceOfSatisfying(TidemarkException.class, failure -> {
                assertThat(failure.kind()).isEqualTo(FailureKind.REFUSED_BY_KAFKA);
                assertThat(failure)
                        .hasMessageContainingAll(
                                "LIST_TRANSACTIONS", "older than Kafka " + BrokerVersions.LEAST, proxy.address());
            });
            assertThat(Rig.get(rig.admin().listTopics().names())).doesNotContain(rig.output(), rig.stateTopic());
            assertThatThrownBy(() -> rig.clients().startupWarnings())
                    .as("the worker's check at its start")
                    .hasMessageContaining(BrokerVersions.LEAST);
        } finally {
            proxy.hide(null);
        }
    }

    @Test
    void theTableHasEveryRequestThatRunsSend() {
        FaultyProxy proxy = SharedBroker.proxy(2);
        try (Rig rig = Rig.with(Cluster.proxied(proxy), 2, Map.of(), json -> {})) {
            rig.send(0, 0, 5);
            rig.runAll();
            rig.sendRaw(0, "bad".getBytes(StandardCharsets.UTF_8));
            rig.send(1, 5, 9);
            rig.runAll();
        }
        try (Rig rig = Rig.with(Cluster.proxied(proxy), 2, Map.of(), job -> job.put("scope", "topic"))) {
            rig.send(0, 0, 5);
            rig.runAll();
        }
        assertThat(BrokerVersions.NEEDED.keySet())
                .containsAll(proxy.requests().stream()
                        .filter(each -> each != ApiKeys.SASL_HANDSHAKE && each != ApiKeys.SASL_AUTHENTICATE)
                        .map(Enum::name)
                        .collect(Collectors.toSet()));
    }

    @Test
    void theDocumentsNameTheOldestVersionOfTheTable() throws Exception {
        String newest = BrokerVersions.NEEDED.values().stream()
                .max((a, b) -> Float.compare(Float.parseFloat(a), Float.parseFloat(b)))
                .orElseThrow();
        assertThat(newest).isEqualTo(BrokerVersions.LEAST);
        for (String file : new String[] {"README.md", "docs/reference/settings.md"}) {
            assertThat(Files.readString(Path.of("..").resolve(file)))
                    .as(file)
                    .containsPattern("Kafka brokers[^\n]*\\b" + BrokerVersions.LEAST.replace(".", "\\."));
        }
    }
}
