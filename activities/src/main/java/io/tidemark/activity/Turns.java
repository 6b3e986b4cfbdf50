package io.tidemark.activity;

import io.tidemark.run.PartitionRange;
import io.tidemark.step.StepProgress;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Limits how many steps of a kind work at once; the others wait. A host takes all tasks of its own queue and lets them wait
 * here, with heartbeats. If they waited in the queue, a busy host would look like a dead one.
 *
 * <p>Steps wait in lanes, such as one for each job. The lanes take turns, and in each lane the steps get their turns first
 * in, first out. So the steps of a small job do not wait behind all those of a large one.
 */
final class Turns {
    /** How often a waiting step reports, and so learns that it was cancelled. */
    private static final long REPORT_MILLIS = 200;

    /**
     * The waiting steps of each lane in the order of their arrival; each latch is counted down when its turn comes. With a
     * semaphore, a step that reports would lose its place. The lane whose turn is next is the first; a lane in which
     * nobody waits is not in the map.
     */
    private final Map<String, Queue<CountDownLatch>> lanes = new LinkedHashMap<>();

    private final int atOnce;
    private int free;

    Turns(int atOnce) {
        this.atOnce = atOnce;
        this.free = atOnce;
    }

    /** Returns how many steps work now. */
    synchronized int working() {
        return atOnce - free;
    }

    /** The work of a step. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws Exception;
    }

    /**
     * Waits until fewer steps run, then runs {@code work} and returns its result. A cancellation ends the wait.
     *
     * @param lane the lane to wait in
     * @param todo what remains to be read, for the heartbeats
     */
    <T> T await(String lane, StepProgress progress, List<PartitionRange> todo, Work<T> work) throws Exception {
        CountDownLatch turn = enter(lane);
        try {
            while (!turn.await(REPORT_MILLIS, TimeUnit.MILLISECONDS)) {
                progress.report(todo, 0);
            }
            return work.run();
        } finally {
            leave(lane, turn);
        }
    }

    private synchronized CountDownLatch enter(String lane) {
        CountDownLatch turn = new CountDownLatch(1);
        if (free > 0) {
            free--;
            turn.countDown();
        } else {
            lanes.computeIfAbsent(lane, none -> new ArrayDeque<>()).add(turn);
        }
        return turn;
    }

    /** Gives up a place in the lane, or hands the turn to the first of the next lane. */
    private synchronized void leave(String lane, CountDownLatch turn) {
        Queue<CountDownLatch> waiting = lanes.get(lane);
        if (waiting != null && waiting.remove(turn)) {
            if (waiting.isEmpty()) {
                lanes.remove(lane);
            }
            return;
        }
        Iterator<Map.Entry<String, Queue<CountDownLatch>>> first =
                lanes.entrySet().iterator();
        if (!first.hasNext()) {
            free++;
            return;
        }
        Map.Entry<String, Queue<CountDownLatch>> next = first.next();
        String name = next.getKey();
        Queue<CountDownLatch> others = next.getValue();
        first.remove();
        others.remove().countDown();
        if (!others.isEmpty()) {
            // Behind all other lanes.
            lanes.put(name, others);
        }
    }
}
