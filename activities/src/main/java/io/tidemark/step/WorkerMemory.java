package io.tidemark.step;

import io.tidemark.aggregate.Memory;
import io.tidemark.run.FailureKind;
import io.tidemark.run.SliceRef;
import io.tidemark.run.TidemarkException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The memory that all steps of a worker together may fill with totals, rows and what they read and send: a part of its
 * heap. A step that finds too little of it left fails before the heap is full, gives back what it holds, and is tried
 * again. Only the one that began first waits: were two to wait, each for what the other holds, they would wait for ever;
 * were none to wait, they could all fail together, again and again.
 */
public final class WorkerMemory {
    private static final long MIB = 1024 * 1024;
    /** Steps ask for so much at once, so that a new cell costs an addition and not a lock. */
    private static final long MOST_AT_ONCE = MIB;

    private static final int PARTS = 256;

    private final long most;
    private final long atOnce;
    private final Set<Share> open = new LinkedHashSet<>();
    private long taken;

    /** So many bytes for all steps. */
    public WorkerMemory(long most) {
        this.most = most;
        this.atOnce = Math.max(1, Math.min(MOST_AT_ONCE, most / PARTS));
    }

    /** Half of the heap. The other half is for Temporal, for Kafka's clients, and for what the collector has not yet seen. */
    public static WorkerMemory ofHeap() {
        return new WorkerMemory(Runtime.getRuntime().maxMemory() / 2);
    }

    /** What a step takes that works on these partitions of a slice; nothing yet. */
    synchronized Share share(SliceRef slice, Collection<Integer> partitions) {
        int first = Collections.min(partitions);
        int last = Collections.max(partitions);
        Share share = new Share(slice.job().input().topic() + "[" + first + (first == last ? "" : ".." + last) + "]");
        open.add(share);
        return share;
    }

    synchronized long taken() {
        return taken;
    }

    private synchronized void reserve(long bytes, Share share) {
        if (share.reserved + bytes > most) {
            throw new TidemarkException(
                    FailureKind.TOO_LITTLE_MEMORY,
                    share.where + ": the totals of this step and its buffers need more than the " + mib(most)
                            + " that a worker gives to all its steps, half of its heap. Start the worker with a larger"
                            + " heap (-Xmx), or give the job fewer groups, longer windows or smaller batches"
                            + " (limits.offsetsPerPiece)");
        }
        while (taken + bytes > most) {
            if (share != open.iterator().next() || !awaitRelease()) {
                throw new TidemarkException(
                        FailureKind.MEMORY_IN_USE,
                        share.where + ": this step holds " + mib(share.reserved) + " and needs more, and other steps of"
                                + " the worker hold " + mib(taken - share.reserved) + " of the " + mib(most)
                                + " for all. It is tried again; a larger heap (-Xmx) or fewer steps at once"
                                + " (--activities) makes room");
            }
        }
        taken += bytes;
        share.reserved += bytes;
    }

    /** Waits until something is given back; says whether it could, rather than that it was interrupted. */
    private synchronized boolean awaitRelease() {
        try {
            wait();
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

    /** The memory of one step, which has one thread. Closing it gives everything back. */
    final class Share implements Memory, AutoCloseable {
        private final String where;
        private long used;
        private long reserved;

        private Share(String where) {
            this.where = where;
        }

        /**
         * Takes memory.
         *
         * @throws TidemarkException TOO_LITTLE_MEMORY where this step alone would need more than there is for all,
         *     MEMORY_IN_USE where others hold it and one of them began before
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
