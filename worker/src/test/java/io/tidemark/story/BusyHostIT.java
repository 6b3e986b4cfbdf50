package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.job.JobSpec;
import io.tidemark.run.RunSummary;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.worker.TidemarkWorker;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A host that has more to read than cores is not treated as dead. */
@Timeout(120)
class BusyHostIT {
    private static final int PARTITIONS = 3;
    private static final int SPLITS = 8;

    @TempDir
    Path staging;

    private final Scene scene = new Scene();

    @Test
    void splitsThatWaitForACoreLongerThanADeadHostIsGivenAreReadOnce() {
        AtomicInteger read = new AtomicInteger();
        Checkpoints slow = point -> {
            if (point == Point.CONSUME_STAGED) {
                read.incrementAndGet();
                // About the time that a remote broker takes for a split. 24 splits one after the other take three times
                // hostTimeout.
                LockSupport.parkNanos(250_000_000L);
            }
        };
        try (Rig rig = Rig.voltage(PARTITIONS);
                TidemarkWorker worker = scene.workerWithOneReader(staging, slow)) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                rig.send(partition, 0, 100 * SPLITS);
            }
            JobSpec job = rig.jobWith(json ->
                    json.withObject("/limits").put("offsetsPerSplit", 100).put("hostTimeout", "2s"));

            RunSummary summary = scene.run(job);

            assertThat(summary.done()).isEqualTo(PARTITIONS);
            assertThat(read).as("splits read").hasValue(PARTITIONS * SPLITS);
            Guarantees.holdAtTheEnd(rig);
        }
    }
}
