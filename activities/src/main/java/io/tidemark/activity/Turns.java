package io.tidemark.activity;

import io.tidemark.run.PartitionRange;
import io.tidemark.step.StepProgress;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets so many steps of a kind work at once, in the order in which they came. A host takes whatever is in its own queue
 * and lets it wait here, under heartbeats: were it to wait in the queue, a busy host would look like a dead one.
 */
final class Turns {
    private static final long LISTEN_MILLIS = 200;

    private final Semaphore free;

    Turns(int atOnce) {
        this.free = new Semaphore(atOnce, true);
    }

    /** Something to do when it is its turn. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws Exception;
    }

    /** Waits for its turn, unless it is cancelled, and then works. */
    <T> T await(StepProgress progress, List<PartitionRange> todo, Work<T> work) throws Exception {
        while (!free.tryAcquire(LISTEN_MILLIS, TimeUnit.MILLISECONDS)) {
            progress.report(todo, 0);
        }
        try {
            return work.run();
        } finally {
            free.release();
        }
    }
}
