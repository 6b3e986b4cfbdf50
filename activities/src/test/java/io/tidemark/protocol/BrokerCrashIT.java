package io.tidemark.protocol;

import io.tidemark.check.HangingState;
import io.tidemark.job.JobNames;
import io.tidemark.job.Scope;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.BrokerProcess;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.InputWriter;
import io.tidemark.testkit.Observer;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.RunDriver;
import io.tidemark.testkit.Transactions;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.testkit.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.internals.Topic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** A broker is killed in the middle of a run, as by {@code kill -9}, and restarted on the data on its disk. */
class BrokerCrashIT {
    /** Parallel trials; each has its own broker. */
    private static final int AT_ONCE = 3;

    private static final int MAX_POINTS = 15;
    private static final int MAX_MILLIS_AFTER = 30;
    private static final Duration TIMEOUT = Duration.ofSeconds(75);

    @TempDir
    private static Path folder;

    @Test
    void aRunWhoseOnlyBrokerIsKilledEndsWellWhenItIsBack() {
        Map<Integer, BrokerProcess> brokers = new ConcurrentHashMap<>();
        try {
            Trials.of(Workload.row("R5"), BrokerCrashIT.class, 1, 200)
                    .inLanes(AT_ONCE)
                    .run(trial -> {
                        BrokerProcess broker = brokers.computeIfAbsent(
                                trial.lane(), lane -> BrokerProcess.single(folder.resolve("single-" + lane)));
                        meet(trial, Cluster.impatientAt(broker.bootstrapServers()), rig -> broker);
                    });
        } finally {
            brokers.values().forEach(BrokerProcess::close);
        }
    }

    /**
     * Executes a run during which a broker is killed and restarted after some point, and another run after the restart.
     */
    static void meet(Trial trial, Cluster cluster, Function<Rig, BrokerProcess> broker) {
        AtomicInteger pointsLeft = new AtomicInteger(trial.random().nextInt(MAX_POINTS));
        int after = trial.random().nextInt(MAX_MILLIS_AFTER);
        CompletableFuture<Void> back = new CompletableFuture<>();
        try (Workload workload = Workload.of(trial, cluster, 1 + trial.random().nextInt(3), json -> {});
                Observer observer = Observer.of(workload.rig());
                InputWriter writer = workload.writer()) {
            BrokerProcess victim = broker.apply(workload.rig());
            Checkpoints points = point -> {
                if (pointsLeft.getAndDecrement() == 0) {
                    trial.did(victim.bootstrapServers() + " killed " + after + " ms after " + point);
                    CompletableFuture.runAsync(victim::kill, Trials.later(after))
                            .thenRun(victim::start)
                            .whenComplete((done, failure) -> {
                                if (failure == null) {
                                    back.complete(null);
                                } else {
                                    back.completeExceptionally(failure);
                                }
                            });
                }
            };
            boolean repaired = false;
            while (pointsLeft.get() >= 0) {
                writer.write();
                repaired |= run(workload, trial, points);
            }
            back.join();
            writer.write();
            writer.finish();
            repaired |= run(workload, trial, Checkpoints.NONE);
            requirePartialTotals(workload.rig());
            workload.holds(observer, repaired);
        }
    }

    /** Gives a trial up whose partial totals have a transaction that no coordinator knows: nothing can mend such a job. */
    private static void requirePartialTotals(Rig rig) {
        if (rig.job().scope() == Scope.PARTITION) {
            return;
        }
        String partials = JobNames.partialsTopic(rig.job());
        Set<String> open = Transactions.in(rig.admin(), Set.of(TransactionState.ONGOING)).stream()
                .map(TransactionListing::transactionalId)
                .filter(each -> each.startsWith(JobNames.transactionalIdPrefix(rig.job())))
                .collect(Collectors.toSet());
        if (open.isEmpty()
                && !rig.ends(partials, IsolationLevel.READ_COMMITTED)
                        .equals(rig.ends(partials, IsolationLevel.READ_UNCOMMITTED))) {
            throw new TestAbortedException("Kafka has forgotten markers in " + partials);
        }
    }

    /** Returns whether an operator had to abort a transaction. */
    private static boolean run(Workload workload, Trial trial, Checkpoints points) {
        Rig rig = workload.rig();
        try {
            workload.timed(new RunDriver(rig, trial.random(), RunDriver.patient(TIMEOUT, points)))
                    .run();
            return false;
        } catch (AssertionError e) {
            TidemarkException waits = new TidemarkException(FailureKind.KAFKA_UNAVAILABLE, e.getMessage());
            TidemarkException why = new HangingState(rig.clients()).explain(rig.job(), waits);
            if (why == waits && rig.job().scope() == Scope.TOPIC) {
                why = new HangingState(rig.clients()).explain(rig.job().totals(), waits);
            }
            if (why.kind() != FailureKind.TRANSACTION_HANGS) {
                throw e;
            }
            // A single broker that is killed between a decision and its markers forgets the markers
            // (docs/kafka-facts.md, 22). The transaction is aborted as docs/lifecycle.md says, and the next run
            // completes the work.
            trial.did("Kafka has forgotten the markers: " + why.getMessage());
            if (rig.job().scope() == Scope.TOPIC) {
                throw new TestAbortedException("in a job with two stages, an abort can count records twice", e);
            }
            List.of(
                            rig.stateTopic(),
                            rig.output(),
                            JobNames.deadLetterTopic(rig.output()),
                            Topic.GROUP_METADATA_TOPIC_NAME)
                    .forEach(rig::abortOpen);
            if (why.getMessage().contains(JobNames.planTransactionalId(rig.job()))) {
                Rig.get(rig.admin().deleteConsumerGroups(List.of(rig.group())).all());
            }
            workload.timed(new RunDriver(rig, trial.random(), RunDriver.patient(TIMEOUT, points)))
                    .run();
            return true;
        }
    }
}
