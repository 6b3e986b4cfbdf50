package io.tidemark.protocol;

import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.FaultyProxy;
import io.tidemark.testkit.FaultyProxy.Fault;
import io.tidemark.testkit.InputWriter;
import io.tidemark.testkit.Observer;
import io.tidemark.testkit.RunDriver;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.testkit.Workload;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A network to Kafka that has a fault in the middle of a run, and recovers after a while. */
class FaultyNetworkIT {
    private static final int MAX_POINTS = 20;
    private static final int MAX_MILLIS_AFTER = 30;
    private static final int MAX_MILLIS = 2_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @ParameterizedTest
    @EnumSource
    void aRunThatMeetsAFaultyNetworkEndsWellWhenItIsMended(Fault fault) {
        Trials.of(Workload.row("R7 Kafka " + fault), FaultyNetworkIT.class, 1, 200)
                .inLanes(SharedBroker.PROXIES)
                .run(trial -> meet(trial, fault));
    }

    private static void meet(Trial trial, Fault fault) {
        FaultyProxy proxy = SharedBroker.proxy(trial.lane());
        int partitions = 1 + trial.random().nextInt(3);
        AtomicInteger pointsLeft = new AtomicInteger(trial.random().nextInt(MAX_POINTS));
        int after = trial.random().nextInt(MAX_MILLIS_AFTER);
        int lasts = 1 + trial.random().nextInt(MAX_MILLIS);
        CompletableFuture<Void> mended = new CompletableFuture<>();
        Checkpoints points = point -> {
            if (pointsLeft.getAndDecrement() == 0) {
                trial.did(fault + " " + after + " ms after " + point + ", for " + lasts + " ms");
                CompletableFuture.runAsync(() -> proxy.begin(fault), Trials.later(after))
                        .thenRunAsync(proxy::heal, Trials.later(lasts))
                        .thenRun(() -> mended.complete(null));
            }
        };
        try (Workload workload = Workload.of(trial, Cluster.proxied(proxy), partitions, json -> {});
                Observer observer = Observer.of(workload.rig());
                InputWriter writer = workload.writer()) {
            while (pointsLeft.get() >= 0) {
                writer.write();
                run(workload, trial, points);
            }
            mended.join();
            writer.write();
            writer.finish();
            run(workload, trial, Checkpoints.NONE);
            workload.holds(observer, false);
        } finally {
            if (pointsLeft.get() < 0) {
                mended.join();
            }
        }
    }

    private static void run(Workload workload, Trial trial, Checkpoints points) {
        workload.timed(new RunDriver(workload.rig(), trial.random(), RunDriver.patient(TIMEOUT, points)))
                .run();
    }
}
