package io.tidemark.protocol;

import io.tidemark.job.JobNames;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.BrokerProcess;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.RunDriver;
import io.tidemark.testkit.Trials;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers, each of them with a replica of everything. */
class ThreeBrokersIT {
    private static final int FIRST_RUNS = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** So much after its fence an attempt waits for the state. */
    private static final int THAW_MILLIS = 300;
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
        Trials.of("R5 three brokers", ThreeBrokersIT.class, 1, 200)
                .inLanes(AT_ONCE)
                .run(trial -> {
                    List<BrokerProcess> brokers = cluster(trial.lane());
                    BrokerCrashIT.meet(
                            trial,
                            Rig.Cluster.impatientAt(BrokerProcess.all(brokers)),
                            rig -> brokers.get(rig.leader(rig.input(), 0) - 1));
                });
    }

    /** The stories of {@link RandomSchedulesIT}, told over brokers of which one is frozen and replaced for a while. */
    @Test
    void whateverHappensWhileABrokerIsFrozenEachRecordCountsOnce() {
        Trials.of("R5 frozen", ThreeBrokersIT.class, 1, 200).inLanes(AT_ONCE).run(trial -> {
            List<BrokerProcess> brokers = cluster(trial.lane());
            try {
                BrokerProcess.await(brokers, brokers.size());
                Schedule.playOver(trial, Variant.REAL, brokers);
            } finally {
                brokers.forEach(BrokerProcess::thaw);
            }
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

    /**
     * An attempt of a run that was ended sleeps, with its range read. The leader of the state is frozen, another leads, and
     * another run makes that range and more durable. The sleeper wakes, fences, and asks for the state the one that it takes
     * for the leader; and that one, which has just been thawed and has not heard, answers from before.
     */
    @Test
    void anAttemptThatIsToldAnOldStateByAReplacedLeaderCommitsNothing() {
        List<BrokerProcess> brokers = cluster(0);
        try (Rig rig = coordinatedElsewhere(BrokerProcess.all(brokers))) {
            rig.send(0, 50, 70);
            Rig.Run old = rig.newRun();
            Staged delta = old.delta(0);
            rig.send(0, 70, 90);
            BrokerProcess frozen = brokers.get(rig.leader(rig.stateTopic(), 0) - 1);
            String others = BrokerProcess.all(
                    brokers.stream().filter(each -> each != frozen).toList());
            try (KafkaClients sleeper = new KafkaClients(KafkaSettings.of(Map.of("bootstrap.servers", others)));
                    Rig elsewhere = rig.elsewhere(Rig.Cluster.impatientAt(others), 0)) {
                new StateTopic(sleeper, rig.stateTopic()).readStable(List.of(0));
                frozen.freeze();
                new RunDriver(elsewhere, new Random(1), RunDriver.patient(PATIENCE, Checkpoints.NONE)).run();
                Checkpoints thaws = point -> {
                    if (point == Point.PRODUCE_AFTER_FENCE) {
                        CompletableFuture.runAsync(frozen::thaw, Trials.later(THAW_MILLIS));
                    }
                };
                ProduceStep produce = new ProduceStep(sleeper, rig.staging(), WorkerMemory.ofHeap(), thaws);

                String told = told(() -> produce.produce(old.slice(0), delta, StepProgress.NONE));

                System.out.println("R5, frozen leader: the sleeper was told: " + told);
                rig.send(0, 90, 100);
                new RunDriver(rig, new Random(2), RunDriver.patient(PATIENCE, Checkpoints.NONE)).run();
                Guarantees.holdAtTheEnd(rig);
            }
        } finally {
            brokers.forEach(BrokerProcess::thaw);
        }
    }

    private static String told(Supplier<?> attempt) {
        try {
            return attempt.get().toString();
        } catch (TidemarkException e) {
            return e.kind() + ", " + e.getMessage();
        }
    }

    /** After a first run; the broker that leads the state does not coordinate the transactions, so they go on without it. */
    private static Rig coordinatedElsewhere(String all) {
        while (true) {
            Rig rig = Rig.with(Rig.Cluster.at(all), 1, Map.of(), json -> {});
            rig.send(0, 0, 50);
            rig.runAll();
            String id = JobNames.sliceTransactionalId(rig.job().name(), 1, 0);
            int coordinator = Rig.get(
                            rig.admin().describeTransactions(List.of(id)).description(id))
                    .coordinatorId();
            if (coordinator != rig.leader(rig.stateTopic(), 0)) {
                return rig;
            }
            rig.close();
        }
    }
}
