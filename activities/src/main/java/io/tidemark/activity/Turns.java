package io.tidemark.activity;

import io.tidemark.run.PartitionRange;
import io.tidemark.step.StepProgress;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Limits how many steps of a kind run at once, in the order of their arrival. A host accepts all tasks of its own queue
 * and lets them wait here, with heartbeats: tasks that waited in the queue would time out as if the host were dead.
 */
final class Turns {
    private static final long REPORT_MILLIS = 200;

    private final Semaphore free;

    Turns(int atOnce) {
        this.free = new Semaphore(atOnce, true);
    }

    /** The work of a step. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws Exception;
    }

    /**
     * Waits until fewer steps run, then runs {@code work} and returns its result. A cancellation ends the wait.
     *
     * @param todo what remains to be read, for the heartbeats
     */
    <T> T await(StepProgress progress, List<PartitionRange> todo, Work<T> work) throws Exception {
        while (!free.tryAcquire(REPORT_MILLIS, TimeUnit.MILLISECONDS)) {
            progress.report(todo, 0);
        }
        try {
            return work.run();
        } finally {
            free.release();
        }
    }
}
