package io.tidemark.protocol;

import io.tidemark.testkit.BrokerProcess;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.Trials;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers, each of them with a replica of everything. */
class ThreeBrokersIT {
    private static final int FIRST_RUNS = 10;
    /** Each with brokers of its own. */
    private static final int AT_ONCE = 2;

    @TempDir
    private static Path folder;

    private static final Map<Integer, List<BrokerProcess>> CLUSTERS = new ConcurrentHashMap<>();

    private static List<BrokerProcess> cluster(int lane) {
        return CLUSTERS.computeIfAbsent(lane, each -> BrokerProcess.cluster(folder.resolve("three-" + each), 3));
    }

    @AfterAll
    static void stopBrokers() {
        CLUSTERS.values().forEach(brokers -> brokers.forEach(BrokerProcess::close));
    }

    @Test
    void aRunOverThreeBrokersEndsWellWhenALeaderIsKilled() {
        Trials.of("R5, three brokers", ThreeBrokersIT.class, 1, 200)
                .inLanes(AT_ONCE)
                .run(trial -> {
                    List<BrokerProcess> brokers = cluster(trial.lane());
                    BrokerCrashIT.meet(
                            trial,
                            Rig.Cluster.impatientAt(BrokerProcess.all(brokers)),
                            rig -> brokers.get(leader(rig, rig.input()) - 1));
                });
    }

    /** The broker that leads a new partition may be the last to hear of it. */
    @Test
    void aFirstRunOverThreeBrokersWaitsForTheLeadersOfItsTopics() {
        String all = BrokerProcess.all(cluster(0));
        for (int i = 0; i < FIRST_RUNS; i++) {
            try (Rig rig = Rig.with(Rig.Cluster.at(all), 3, Map.of(), json -> {})) {
                rig.newRun().plan();
            }
        }
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
