package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.check.WeakReplication;
import io.tidemark.job.JobNames;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.plan.Planner;
import io.tidemark.run.FailureKind;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.BrokerProcess;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.RunDriver;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers, each with a replica of everything. */
class ThreeBrokersIT {
    private static final int FIRST_RUNS = 10;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    /** Time between an attempt's fence and its read of the state. */
    private static final int THAW_MILLIS = 300;
    /** Parallel trials; each has its own brokers. */
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
        Trials.of(Workload.row("R5 three brokers"), ThreeBrokersIT.class, 1, 200)
                .inLanes(AT_ONCE)
                .run(trial -> {
                    List<BrokerProcess> brokers = cluster(trial.lane());
                    BrokerCrashIT.meet(
                            trial,
                            Cluster.impatientAt(BrokerProcess.all(brokers)),
                            rig -> brokers.get(rig.leader(rig.input(), 0) - 1));
                });
    }

    /**
     * The schedules of {@link RandomSchedulesIT} on several brokers, one of which is frozen and replaced for a while.
     */
    @Test
    void whateverHappensWhileABrokerIsFrozenEachRecordCountsOnce() {
        Trials.of(Workload.row("R5 frozen"), ThreeBrokersIT.class, 1, 200)
                .inLanes(AT_ONCE)
                .run(trial -> {
                    List<BrokerProcess> brokers = cluster(trial.lane());
                    try {
                        BrokerProcess.await(brokers, brokers.size());
                        Schedule.playOver(trial, brokers);
                    } finally {
                        brokers.forEach(BrokerProcess::thaw);
                    }
                });
    }

    /** The leader of a new partition may be the last broker that learns of it. */
    @Test
    void aFirstRunOverThreeBrokersWaitsForTheLeadersOfItsTopics() {
        String all = BrokerProcess.all(cluster(0));
        for (int i = 0; i < FIRST_RUNS; i++) {
            try (Rig rig = Rig.with(Cluster.at(all), 3, Map.of(), json -> {})) {
                rig.newRun().plan();
            }
        }
    }

    @Test
    void aPlanWarnsOfTopicsThatOneBrokerCanLose() {
        String all = BrokerProcess.all(cluster(0));
        try (Rig rig = Rig.with(Cluster.at(all), 1, Map.of(), json -> {})) {
            assertThat(rig.newRun().plan().warnings())
                    .singleElement()
                    .asString()
                    .contains("its state grows");
            rig.configure(rig.output(), "min.insync.replicas", "1");
            rig.configure(rig.stateTopic(), "unclean.leader.election.enable", "true");

            assertThat(rig.newRun().plan().warnings())
                    .satisfiesExactly(
                            first -> assertThat(first).contains(rig.output(), "3 replicas", "min.insync.replicas=1"),
                            second -> assertThat(second).contains(rig.stateTopic(), "unclean.leader.election.enable"));
        }
    }

    @Test
    void aWorkerMayRefuseTopicsThatOneBrokerCanLose() {
        try (Rig rig = Rig.with(Cluster.at(BrokerProcess.all(cluster(0))), 1, Map.of(), json -> {})) {
            Planner strict = new Planner(rig.clients(), Checkpoints.NONE, WeakReplication.REFUSE);
            rig.create(rig.output(), 1, Map.of("cleanup.policy", "compact", "min.insync.replicas", "1"));

            assertThatThrownBy(() -> strict.plan(rig.job(), "run", Instant.now()))
                    .isInstanceOfSatisfying(
                            TidemarkException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(FailureKind.WEAK_REPLICATION))
                    .hasMessageContainingAll(rig.output(), "min.insync.replicas=1", "--weak-replication");

            assertThat(Rig.get(rig.admin().listTopics().names())).doesNotContain(rig.stateTopic());
            rig.configure(rig.output(), "min.insync.replicas", "2");
            assertThat(strict.plan(rig.job(), "run", Instant.now()).warnings())
                    .as("besides that of a first run")
                    .noneMatch(each -> each.contains("replicas"));
        }
    }

    /**
     * An attempt of a terminated run freezes after it has read its range. The leader of the state is frozen, another
     * broker becomes leader, and another run commits that range and more. The attempt resumes, fences, and reads the
     * state from the former leader, which has just resumed, does not know its successor yet, and answers with old data.
     */
    @Test
    void anAttemptThatIsToldAnOldStateByAReplacedLeaderCommitsNothing() {
        List<BrokerProcess> brokers = cluster(0);
        try (Rig rig = coordinatedElsewhere(BrokerProcess.all(brokers))) {
            rig.send(0, 50, 70);
            StepwiseRun old = rig.newRun();
            Staged delta = old.delta(0);
            rig.send(0, 70, 90);
            BrokerProcess frozen = brokers.get(rig.leader(rig.stateTopic(), 0) - 1);
            String others = BrokerProcess.all(
                    brokers.stream().filter(each -> each != frozen).toList());
            try (KafkaClients sleeper = new KafkaClients(KafkaSettings.of(Map.of("bootstrap.servers", others)));
                    Rig elsewhere = rig.elsewhere(Cluster.impatientAt(others), 0)) {
                new StateTopic(sleeper, rig.stateTopic()).readStable(List.of(0));
                frozen.freeze();
                new RunDriver(elsewhere, new Random(1), RunDriver.patient(TIMEOUT, Checkpoints.NONE)).run();
                Checkpoints thaws = point -> {
                    if (point == Point.PRODUCE_AFTER_FENCE) {
                        CompletableFuture.runAsync(frozen::thaw, Trials.later(THAW_MILLIS));
                    }
                };
                ProduceStep produce = new ProduceStep(sleeper, rig.staging(), WorkerMemory.ofHeap(), thaws);

                String told = told(() -> produce.produce(old.slice(0), delta, StepProgress.NONE));

                System.out.println("R5, frozen leader: the sleeper was told: " + told);
                rig.send(0, 90, 100);
                new RunDriver(rig, new Random(2), RunDriver.patient(TIMEOUT, Checkpoints.NONE)).run();
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

    /**
     * Returns a job after a first run. The leader of the state does not coordinate the job's transactions, so they
     * continue without it.
     */
    private static Rig coordinatedElsewhere(String all) {
        while (true) {
            Rig rig = Rig.with(Cluster.at(all), 1, Map.of(), json -> {});
            rig.send(0, 0, 50);
            rig.runAll();
            String id = JobNames.sliceTransactionalId(rig.job(), 0);
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
