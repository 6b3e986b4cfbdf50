package io.tidemark.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TopicSettingsTest {
    private static List<String> warnings(int replicas, int brokers, Map<String, String> settings) {
        return TopicSettings.ofReplication(new Topic("bills", "id", 1, replicas, Set.of()), settings, brokers);
    }

    @Test
    void oneReplicaAmongThreeBrokersIsWarnedOf() {
        assertThat(warnings(1, 3, Map.of()))
                .singleElement()
                .asString()
                .contains("topic bills", "1 replica", "3 brokers");
    }

    /** A development broker has no other choice. */
    @Test
    void oneReplicaOnOneBrokerIsNot() {
        assertThat(warnings(1, 1, Map.of("min.insync.replicas", "1", "unclean.leader.election.enable", "true")))
                .isEmpty();
    }

    @Test
    void aRecordThatOneBrokerAloneMayAcknowledgeIsWarnedOf() {
        assertThat(warnings(3, 3, Map.of("min.insync.replicas", "1")))
                .singleElement()
                .asString()
                .contains(
                        "3 replicas",
                        "min.insync.replicas=1",
                        "--entity-name bills --add-config min.insync.replicas=2");
        // With two replicas, 2 would stop the job whenever one broker is down.
        assertThat(warnings(2, 3, Map.of("min.insync.replicas", "1")))
                .singleElement()
                .asString()
                .contains("2 replicas", "Give it 3 replicas");
    }

    @Test
    void uncleanElectionIsWarnedOf() {
        assertThat(warnings(3, 3, Map.of("unclean.leader.election.enable", "true", "min.insync.replicas", "2")))
                .singleElement()
                .asString()
                .contains("--add-config unclean.leader.election.enable=false");
    }

    @Test
    void safeAndHiddenSettingsAreNot() {
        assertThat(warnings(3, 3, Map.of("min.insync.replicas", "2", "unclean.leader.election.enable", "false")))
                .isEmpty();
        assertThat(warnings(3, 3, Map.of())).isEmpty();
    }
}
