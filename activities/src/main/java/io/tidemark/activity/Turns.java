package io.tidemark.activity;

import io.tidemark.run.PartitionRange;
import io.tidemark.step.StepProgress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Limits how many steps of a kind work at once; the others wait and get their turns first in, first out. A host takes all
 * tasks of its own queue and lets them wait here, with heartbeats. If they waited in the queue, a busy host would look like
 * a dead one.
 */
final class Turns {
    /** How often a waiting step reports, and so learns that it was cancelled. */
    private static final long REPORT_MILLIS = 200;

    /**
     * The waiting steps in the order of their arrival; each latch is counted down when its turn comes. With a semaphore, a
     * step that reports would lose its place.
     */
    private final Queue<CountDownLatch> waiting = new ArrayDeque<>();

    private int free;

    Turns(int atOnce) {
        this.free = atOnce;
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
        CountDownLatch turn = enter();
        try {
            while (!turn.await(REPORT_MILLIS, TimeUnit.MILLISECONDS)) {
                progress.report(todo, 0);
            }
            return work.run();
        } finally {
            leave(turn);
        }
    }

    private synchronized CountDownLatch enter() {
        CountDownLatch turn = new CountDownLatch(1);
        if (free > 0) {
            free--;
            turn.countDown();
        } else {
            waiting.add(turn);
        }
        return turn;
    }

    /** Gives up a place in the queue, or hands the turn to the next. */
    private synchronized void leave(CountDownLatch turn) {
        if (waiting.remove(turn)) {
            return;
        }
        CountDownLatch next = waiting.poll();
        if (next == null) {
            free++;
        } else {
            next.countDown();
        }
    }
}
