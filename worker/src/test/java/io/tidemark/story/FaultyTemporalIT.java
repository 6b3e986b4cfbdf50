package io.tidemark.story;

import io.temporal.client.WorkflowStub;
import io.tidemark.testkit.FaultyProxy;
import io.tidemark.testkit.FaultyProxy.Fault;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The network between a worker and Temporal goes wrong in the middle of a run, and is mended. */
class FaultyTemporalIT {
    /** A run takes about so long, in milliseconds. */
    private static final int RUN = 1_500;

    private static final int MOST_MILLIS = 3_000;
    private static final int PARTITIONS = 4;

    @TempDir
    Path folder;

    private final Scene scene = new Scene();

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HALF_OPEN")
    void aRunThatMeetsAFaultyNetworkEndsWellWhenItIsMended(Fault fault) {
        trials(fault);
    }

    /** Only the keep-alive of the connection finds out, after 45 seconds: too long for every build. */
    @Tag("faults")
    @Test
    void aConnectionThatIsDeadAndDoesNotSaySoIsFoundOut() {
        trials(Fault.HALF_OPEN);
    }

    private void trials(Fault fault) {
        Trials.of("R7 Temporal, " + fault, FaultyTemporalIT.class, 1, 200)
                .run(trial -> WholeRun.onAServerThatAnswers(trial, each -> meet(each, fault)));
    }

    private void meet(Trial trial, Fault fault) throws Exception {
        int after = trial.random().nextInt(RUN);
        int lasts = 1 + trial.random().nextInt(MOST_MILLIS);
        try (FaultyProxy proxy = FaultyProxy.ofBytes(Scene.temporal());
                Rig rig = WholeRun.rig(PARTITIONS, 1);
                WorkerProcess worker = ReadyWorker.start(
                        folder, proxy.address(), scene.taskQueue(), folder.resolve("trial-" + trial.seed()))) {
            WholeRun.send(rig, PARTITIONS, trial.random());
            WorkflowStub run = scene.start(rig.job());
            WholeRun.pass(after);
            trial.did(fault + " after " + after + " ms, for " + lasts + " ms");
            proxy.begin(fault);
            WholeRun.pass(lasts);
            proxy.heal();

            WholeRun.judge(rig, Scene.result(run));

            trial.did(Attempts.of(Scene.client(), Scene.body(rig.job())).toString());
            WholeRun.send(rig, PARTITIONS, trial.random());
            WholeRun.judge(rig, scene.run(rig.job()));
            WholeRun.forget(rig);
            worker.kill();
        }
    }
}
