package io.tidemark.step;

import io.tidemark.aggregate.Memory;
import io.tidemark.run.FailureKind;
import io.tidemark.run.SliceRef;
import io.tidemark.run.TidemarkException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The memory that all steps of a worker share for totals, rows, and records that they read and send: a part of the
 * worker's heap. A step that cannot reserve memory fails before the heap is full, releases what it holds, and is
 * retried. Only the step that began first waits: if two steps waited, each could hold what the other needs, which is a
 * deadlock; if none waited, they could all fail together again and again. Safe for use by several threads.
 */
public final class WorkerMemory {
    private static final long MIB = 1024 * 1024;
    /** Steps reserve memory in units of this, so that a new cell rarely needs the lock. */
    private static final long MAX_UNIT = MIB;

    private static final int MIN_UNITS = 256;

    /** Longer than most steps take, far shorter than the time that Temporal gives an attempt. */
    private static final Duration MAX_WAIT = Duration.ofMinutes(2);

    private final long most;
    private final Duration maxWait;
    private final long atOnce;
    private final Set<Share> open = new LinkedHashSet<>();
    private long taken;
    private long refusals;

    /** Creates a budget of {@code most} bytes for all steps together. */
    public WorkerMemory(long most) {
        this(most, MAX_WAIT);
    }

    /** The same; the step that began first waits for {@code maxWait}. */
    WorkerMemory(long most, Duration maxWait) {
        this.most = most;
        this.maxWait = maxWait;
        this.atOnce = Math.max(1, Math.min(MAX_UNIT, most / MIN_UNITS));
    }

    /** Returns a budget of half of the heap. The other half is for Temporal, for Kafka's clients, and for garbage. */
    public static WorkerMemory ofHeap() {
        return new WorkerMemory(Runtime.getRuntime().maxMemory() / 2);
    }

    /** Returns the empty share of a step that works on these partitions of a slice. */
    synchronized Share share(SliceRef slice, Collection<Integer> partitions) {
        int first = Collections.min(partitions);
        int last = Collections.max(partitions);
        Share share = new Share(slice.job().input().topic() + "[" + first + (first == last ? "" : ".." + last) + "]");
        open.add(share);
        return share;
    }

    /** Returns how many bytes running steps hold. */
    public synchronized long taken() {
        return taken;
    }

    /** Returns how many bytes all steps together may hold. */
    public long limit() {
        return most;
    }

    /** Returns how often a step failed because it could not reserve memory. */
    public synchronized long refusals() {
        return refusals;
    }

    private synchronized void reserve(long bytes, Share share) {
        if (share.reserved + bytes > most) {
            refusals++;
            throw new TidemarkException(
                    FailureKind.TOO_LITTLE_MEMORY,
                    share.where + ": the totals and buffers of this step need more than the " + mib(most)
                            + " that all steps of a worker share (half of its heap). Start the worker with a larger"
                            + " heap (-Xmx), or give the job fewer groups, longer windows or smaller pieces"
                            + " (limits.offsetsPerPiece)");
        }
        long begun = System.nanoTime();
        while (taken + bytes > most) {
            if (!share.mayWait || share != open.iterator().next() || !awaitRelease(begun)) {
                refusals++;
                throw new TidemarkException(
                        FailureKind.MEMORY_IN_USE,
                        share.where + ": this step holds " + mib(share.reserved) + " and needs more, but other steps of"
                                + " the worker hold " + mib(taken - share.reserved) + " of the " + mib(most)
                                + " that they share. The step will be retried. If this happens often, start the worker"
                                + " with a larger heap (-Xmx) or fewer steps at once (--activities)");
            }
        }
        taken += bytes;
        share.reserved += bytes;
    }

    /** Waits until another step releases memory. Returns false if the thread was interrupted or the time is over. */
    private synchronized boolean awaitRelease(long begun) {
        long left = maxWait.minusNanos(System.nanoTime() - begun).toMillis();
        if (left <= 0) {
            return false;
        }
        try {
            wait(left);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized void release(long bytes, Share share) {
        taken -= bytes;
        share.reserved -= bytes;
        notifyAll();
    }

    private synchronized void close(Share share) {
        release(share.reserved, share);
        open.remove(share);
    }

    private static String mib(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", (double) bytes / MIB);
    }

    /** The memory of one step. Used by the step's thread only. Closing it releases all of it. */
    final class Share implements Memory, AutoCloseable {
        private final String where;
        private long used;
        private long reserved;
        private boolean mayWait = true;

        private Share(String where) {
            this.where = where;
        }

        /** From now on {@link #take} fails where it would wait for other steps. */
        void stopWaiting() {
            mayWait = false;
        }

        /**
         * Reserves memory.
         *
         * @throws TidemarkException TOO_LITTLE_MEMORY if this step alone needs more than the whole budget;
         *     MEMORY_IN_USE if other steps hold it and one of them began earlier
         */
        @Override
        public void take(long bytes) {
            long needed = used + bytes - reserved;
            if (needed > 0) {
                reserve(needed <= atOnce && reserved + atOnce <= most ? atOnce : needed, this);
            }
            used += bytes;
        }

        @Override
        public void giveBack(long bytes) {
            used -= bytes;
            if (reserved - used > 2 * atOnce) {
                release(reserved - used - atOnce, this);
            }
        }

        @Override
        public void close() {
            used = 0;
            WorkerMemory.this.close(this);
        }
    }
}
