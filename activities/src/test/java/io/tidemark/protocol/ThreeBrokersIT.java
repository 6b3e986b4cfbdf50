package io.tidemark.protocol;

import io.tidemark.testkit.BrokerProcess;
import io.tidemark.testkit.Rig;
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
}
