package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowStub;
import io.tidemark.run.RunSummary;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
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
            Size.SMALL_OVER_ALL_PARTITIONS,
            Size.SMALL_OVER_ALL_PARTITIONS,
            Size.LARGE,
            Size.LARGE_WITH_THREE_WORKERS);

    private static final int AT_ONCE = 3;

    @TempDir
    Path folder;

    /** The shortest run of each size so far, in milliseconds. The kill happens within this time. */
    private final Map<Size, Long> lengths = new ConcurrentHashMap<>();

    private ReadyWorkers processes;

    private enum Size {
        SMALL(8, 1, 1),
        SMALL_WITH_THREE_WORKERS(8, 1, 3),
        /** With two stages. */
        SMALL_OVER_ALL_PARTITIONS(8, 1, 3),
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

        private Rig rig() {
            return this == SMALL_OVER_ALL_PARTITIONS
                    ? WholeRun.rig(partitions, perSlice, "topic")
                    : WholeRun.rig(partitions, perSlice);
        }
    }

    @Test
    void othersFinishTheRunOfAWorkerThatIsKilledAtAnyMoment() {
        try (ReadyWorkers ready = new ReadyWorkers(folder, AT_ONCE)) {
            processes = ready;
            Trials.of("R3", RandomKillsIT.class, 3, 1_000)
                    .inLanes(AT_ONCE)
                    .run(trial -> WholeRun.onAServerThatAnswers(trial, this::kill));
        }
    }

    private void kill(Trial trial) throws Exception {
        Size size = trial.oneOf(SIZES);
        double when = trial.random().nextDouble();
        boolean sameHost = trial.random().nextBoolean();
        long after = (long) (when * length(size));
        List<TidemarkWorker> others = new ArrayList<>();
        try (ReadyWorkers.Ready victim = processes.take();
                Rig rig = size.rig()) {
            Scene scene = new Scene(victim.taskQueue());
            long sent = WholeRun.send(rig, size.partitions, trial.random());
            for (int i = 1; i < size.workers; i++) {
                others.add(scene.worker(victim.staging().resolveSibling(victim.taskQueue() + "-" + i)));
            }
            WorkflowStub run = scene.start(rig.job());
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
            lengths.merge(size, length(run), Math::min);
            WholeRun.judge(rig, end);
            assertThat(end.counts().folded()).as("records that the run counted").isEqualTo(sent);
            assertThat(end.rows()).as("rows that it wrote").isEqualTo(rig.rows().size());
            WholeRun.forget(rig);
        } finally {
            WholeRun.close(others);
        }
    }

    /** Returns the length of a first run without a fault; later, the shortest run of the trials. */
    private long length(Size size) {
        return lengths.computeIfAbsent(size, unknown -> {
            try (ReadyWorkers.Ready worker = processes.take();
                    Rig rig = size.rig()) {
                WholeRun.send(rig, size.partitions, new Random(size.partitions));
                WorkflowStub run = new Scene(worker.taskQueue()).start(rig.job());
                WholeRun.judge(rig, Scene.result(run));
                System.out.printf("R3: %s takes %d ms without a fault%n", size, length(run));
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
