package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowStub;
import io.tidemark.run.RunSummary;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.testkit.Workload;
import io.tidemark.worker.TidemarkWorker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a worker process with {@code kill -9} at a random moment of a run; other workers finish the run. */
class RandomKillsIT {
    /** Small sizes are listed twice, because a large run takes several times as long. */
    private static final List<Size> SIZES = List.of(
            Size.SMALL,
            Size.SMALL,
            Size.SMALL_WITH_THREE_WORKERS,
            Size.SMALL_WITH_THREE_WORKERS,
            Size.LARGE,
            Size.LARGE_WITH_THREE_WORKERS);

    private static final int AT_ONCE = 3;

    @TempDir
    Path folder;

    /** The shortest run of each kind so far, in milliseconds. The kill happens within this time. */
    private final Map<Kind, Long> lengths = new ConcurrentHashMap<>();

    private ReadyWorkers processes;

    private record Kind(Size size, Workload.Variant variant) {}

    private enum Size {
        SMALL(8, 1, 1),
        SMALL_WITH_THREE_WORKERS(8, 1, 3),
        LARGE(64, 16, 1),
        LARGE_WITH_THREE_WORKERS(64, 16, 3);

        private final int partitions;
        private final int perSlice;
        private final int workers;

        Size(int partitions, int perSlice, int workers) {
            this.partitions = partitions;
            this.perSlice = perSlice;
            this.workers = workers;
        }

        private Workload workload(Trial trial) {
            return WholeRun.of(trial, partitions, perSlice);
        }
    }

    @Test
    void othersFinishTheRunOfAWorkerThatIsKilledAtAnyMoment() {
        try (ReadyWorkers ready = new ReadyWorkers(folder, AT_ONCE)) {
            processes = ready;
            Trials.of(Workload.row("R3"), RandomKillsIT.class, 3, 1_000)
                    .inLanes(AT_ONCE)
                    .run(trial -> WholeRun.onAServerThatAnswers(trial, this::kill));
        }
    }

    private void kill(Trial trial) throws Exception {
        Size size = trial.oneOf(SIZES);
        double when = trial.random().nextDouble();
        boolean sameHost = trial.random().nextBoolean();
        long after = (long) (when * length(size, trial));
        List<TidemarkWorker> others = new ArrayList<>();
        try (ReadyWorkers.Ready victim = processes.take();
                Workload workload = size.workload(trial)) {
            Rig rig = workload.rig();
            Scene scene = new Scene(victim.taskQueue());
            long sent = prepare(scene, workload, trial.random());
            for (int i = 1; i < size.workers; i++) {
                others.add(scene.worker(victim.staging().resolveSibling(victim.taskQueue() + "-" + i)));
            }
            WorkflowStub run = scene.start(workload);
            WholeRun.pass(after);
            victim.process().kill();
            trial.did(size + ", kill -9 after " + after + " ms");
            if (others.isEmpty()) {
                // On the same host, the new worker finds the staged files of the killed one.
                others.add(scene.worker(
                        sameHost ? victim.staging() : victim.staging().resolveSibling(victim.taskQueue() + "-1")));
            }

            RunSummary end = Scene.result(run);

            trial.did(Attempts.of(Scene.client(), Scene.body(rig.job())).toString());
            lengths.merge(new Kind(size, workload.variant()), length(run), Math::min);
            WholeRun.judge(workload, end);
            assertThat(end.counts().folded() + end.counts().late())
                    .as("records that the run counted, or found late")
                    .isEqualTo(sent);
            if (!workload.closes()) {
                assertThat(end.rows())
                        .as("rows that it wrote")
                        .isEqualTo(rig.rows().size());
            }
            WholeRun.forget(rig);
        } finally {
            WholeRun.close(others);
        }
    }

    /**
     * Sends the records of the run in which the worker is killed. If windows close, another run comes before: then there are
     * windows to close without new records, and records of windows that are closed.
     *
     * @return the number of records
     */
    private static long prepare(Scene scene, Workload workload, Random random) {
        if (workload.closes()) {
            workload.send(random);
            WholeRun.judge(workload, scene.run(workload));
        }
        return workload.send(random);
    }

    /** Returns the length of a run without a fault; later, the shortest run of the trials. */
    private long length(Size size, Trial trial) {
        return lengths.computeIfAbsent(new Kind(size, Workload.Variant.of(trial)), kind -> {
            Trial same = Trials.trial(trial.seed());
            try (ReadyWorkers.Ready worker = processes.take();
                    Workload workload = size.workload(same)) {
                Rig rig = workload.rig();
                Scene scene = new Scene(worker.taskQueue());
                prepare(scene, workload, same.random());
                WorkflowStub run = scene.start(workload);
                WholeRun.judge(workload, Scene.result(run));
                System.out.printf("R3: %s takes %d ms without a fault%n", kind, length(run));
                WholeRun.forget(rig);
                return length(run);
            }
        });
    }

    private static long length(WorkflowStub run) {
        WorkflowExecutionDescription ended = run.describe();
        return Duration.between(ended.getStartTime(), Objects.requireNonNull(ended.getCloseTime()))
                .toMillis();
    }
}
