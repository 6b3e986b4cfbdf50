package io.tidemark.activity;

import io.tidemark.run.SliceRef;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The work that only this process can complete: steps that run here, and slices that were read here and are not written
 * yet. Another process would have to read such a slice again, so a worker that stops waits for them. Safe for use by
 * several threads.
 */
public final class OpenWork {
    /** Slices of runs that failed or were terminated are never written here; the oldest are forgotten. */
    private static final int MAX_SLICES = 10_000;

    private final LongSupplier nanoTime;
    private final Set<String> slices = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX_SLICES;
        }
    });
    private int running;
    private long idleSince;

    /** Creates the account of a process without work. */
    OpenWork(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.idleSince = nanoTime.getAsLong();
    }

    synchronized void begun() {
        running++;
    }

    synchronized void ended() {
        running--;
        idleSince = nanoTime.getAsLong();
        notifyAll();
    }

    /** Records that a part of a slice was staged here. */
    synchronized void staged(SliceRef slice) {
        slices.add(name(slice));
    }

    /** Records that what was staged of a slice was written, or found written. */
    synchronized void written(SliceRef slice) {
        slices.remove(name(slice));
    }

    private static String name(SliceRef slice) {
        return slice.runId() + "/" + slice.slice();
    }

    /**
     * Waits until all of it is done. Returns earlier when the time is over, or when nothing has run for a while: then no
     * step of an open slice will come, because its run has ended.
     *
     * @return whether all of it is done
     */
    public synchronized boolean await(Duration most, Duration quiet) throws InterruptedException {
        long begun = nanoTime.getAsLong();
        while (running > 0 || !slices.isEmpty()) {
            long now = nanoTime.getAsLong();
            long left = most.toNanos() - (now - begun);
            if (running == 0) {
                left = Math.min(left, quiet.toNanos() - Math.min(now - begun, now - idleSince));
            }
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }
}
