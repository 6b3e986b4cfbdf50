package io.tidemark.protocol;

import io.tidemark.testkit.BrokerProcess;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.Trials;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers, each of them with a replica of everything. */
class ThreeBrokersIT {
    private static final int FIRST_RUNS = 10;

    @TempDir
    private static Path folder;

    private static List<BrokerProcess> brokers = List.of();

    @BeforeAll
    static void startBrokers() {
        brokers = BrokerProcess.cluster(folder, 3);
    }

    @AfterAll
    static void stopBrokers() {
        brokers.forEach(BrokerProcess::close);
    }

    @Test
    void aRunOverThreeBrokersEndsWellWhenALeaderIsKilled() {
        Trials.of("R5, three brokers", ThreeBrokersIT.class, 1, 200)
                .run(trial -> BrokerCrashIT.meet(
                        trial, Rig.Cluster.impatientAt(all()), rig -> brokers.get(leader(rig, rig.input()) - 1)));
    }

    /** The broker that leads a new partition may be the last to hear of it. */
    @Test
    void aFirstRunOverThreeBrokersWaitsForTheLeadersOfItsTopics() {
        for (int i = 0; i < FIRST_RUNS; i++) {
            try (Rig rig = Rig.with(Rig.Cluster.at(all()), 3, Map.of(), json -> {})) {
                rig.newRun().plan();
            }
        }
    }

    private static String all() {
        return brokers.stream().map(BrokerProcess::bootstrapServers).collect(Collectors.joining(","));
    }

    /** The broker that leads the first partition. */
    private static int leader(Rig rig, String topic) {
        return Rig.get(rig.admin().describeTopics(List.of(topic)).allTopicNames())
                .get(topic)
                .partitions()
                .get(0)
                .leader()
                .id();
    }
}
