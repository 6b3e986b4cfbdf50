package io.tidemark.story;

import io.temporal.client.WorkflowStub;
import io.tidemark.testkit.FaultyProxy;
import io.tidemark.testkit.FaultyProxy.Fault;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.testkit.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Injects faults into the network between a worker and Temporal during a run, and removes them again. */
class FaultyTemporalIT {
    /** Approximate time of a run, in milliseconds. */
    private static final int RUN = 1_500;

    private static final int MOST_MILLIS = 3_000;
    private static final int PARTITIONS = 4;
    private static final int AT_ONCE = 6;

    @TempDir
    private static Path folder;

    private static final Map<Integer, Place> PLACES = new ConcurrentHashMap<>();

    @AfterAll
    static void close() {
        PLACES.values().forEach(Place::close);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HALF_OPEN")
    void aRunThatMeetsAFaultyNetworkEndsWellWhenItIsMended(Fault fault) {
        trials(fault);
    }

    /** Only the keep-alive of the connection detects this fault, after 45 s, so it is not part of every build. */
    @Tag("faults")
    @Test
    void aConnectionThatIsDeadAndDoesNotSaySoIsFoundOut() {
        trials(Fault.HALF_OPEN);
    }

    private static void trials(Fault fault) {
        Trials.of(Workload.row("R7 Temporal " + fault), FaultyTemporalIT.class, 1, 200)
                .inLanes(AT_ONCE)
                .run(trial -> WholeRun.onAServerThatAnswers(trial, each -> meet(each, fault)));
    }

    private static void meet(Trial trial, Fault fault) {
        int after = trial.random().nextInt(RUN);
        int lasts = 1 + trial.random().nextInt(MOST_MILLIS);
        Place place = PLACES.computeIfAbsent(trial.lane(), Place::new);
        // The scene may have started a new server.
        place.proxy.to(Scene.temporal());
        try (Workload workload = WholeRun.of(trial, PARTITIONS, 1)) {
            Rig rig = workload.rig();
            workload.send(trial.random());
            WorkflowStub run = place.scene.start(workload);
            WholeRun.pass(after);
            trial.did(fault + " after " + after + " ms, for " + lasts + " ms");
            place.proxy.begin(fault);
            WholeRun.pass(lasts);
            place.proxy.heal();

            WholeRun.judge(workload, Scene.result(run));

            trial.did(Attempts.of(Scene.client(), Scene.body(rig.job())).toString());
            workload.send(trial.random());
            WholeRun.judge(workload, place.scene.run(workload));
            WholeRun.forget(rig);
        }
    }

    /** A worker and the proxy between it and the server. */
    private static final class Place implements AutoCloseable {
        private final Scene scene = new Scene();
        private final FaultyProxy proxy = FaultyProxy.ofBytes(Scene.temporal());
        private final WorkerProcess worker;

        Place(int lane) {
            try {
                worker = ReadyWorker.start(
                        folder, proxy.address(), scene.taskQueue(), folder.resolve("staging-" + lane));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            worker.close();
            proxy.close();
        }
    }
}
