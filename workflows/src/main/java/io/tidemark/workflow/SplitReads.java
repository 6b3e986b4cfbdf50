package io.tidemark.workflow;

import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.Staged;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the splits of a slice, a few at once, all in the thread of the caller. With a thread for each split a large run
 * needed more threads than a worker has, and two of them evicted each other from the worker's cache.
 */
final class SplitReads {
    private final HostTasks.Host host;
    private final int atOnce;
    private final RunClock clock;
    private final Backoff backoff;
    private final Function<List<PartitionRange>, Promise<Staged>> start;
    private final Deque<Split> todo = new ArrayDeque<>();
    private final List<Split> reading = new ArrayList<>();
    private @Nullable TemporalFailure failure;

    /**
     * Prepares the reads.
     *
     * @param host the host that reads
     * @param atOnce how many splits are read at once
     * @param start starts an activity that reads some ranges
     */
    SplitReads(
            HostTasks.Host host,
            int atOnce,
            RunClock clock,
            Backoff backoff,
            Function<List<PartitionRange>, Promise<Staged>> start) {
        this.host = host;
        this.atOnce = atOnce;
        this.clock = clock;
        this.backoff = backoff;
        this.start = start;
    }

    /** A split, and what was read of it. */
    private static final class Split {
        private final List<Staged> staged;
        private List<PartitionRange> rest;
        private Promise<Staged> read;

        Split(List<PartitionRange> rest, List<Staged> staged) {
            this.rest = rest;
            this.staged = staged;
            this.read = Workflow.newPromise();
        }
    }

    /** Adds a split. What is read of it is added to {@code staged}. */
    void add(List<PartitionRange> ranges, List<Staged> staged) {
        if (!ranges.isEmpty()) {
            todo.add(new Split(ranges, staged));
        }
    }

    /**
     * Returns when all splits are read, or those that were started when the budget was used up. If a read fails, the
     * others are cancelled, and the first failure is thrown when they have ended.
     */
    void run() {
        Workflow.newCancellationScope(this::readAll).run();
        if (failure != null) {
            throw failure;
        }
    }

    private void readAll(CancellationScope scope) {
        while (true) {
            while (!todo.isEmpty() && reading.size() < atOnce && failure == null && clock.enough() == null) {
                Split next = todo.remove();
                next.read = start.apply(next.rest);
                reading.add(next);
            }
            if (reading.isEmpty()) {
                return;
            }
            // Unlike Workflow.await this also waits after a cancellation, until the activities have stopped.
            Promise.anyOf(reading.stream().map(each -> each.read).toList())
                    .handle((read, failed) -> null)
                    .get();
            for (Split each : List.copyOf(reading)) {
                if (each.read.isCompleted()) {
                    reading.remove(each);
                    ended(each, scope);
                }
            }
        }
    }

    private void ended(Split split, CancellationScope scope) {
        try {
            Staged read = split.read.get();
            host.heard();
            split.staged.add(read);
            List<PartitionRange> rest = Splits.rest(split.rest, read);
            // At the end of its budget a run starts nothing more, so there is nothing to wait for.
            if (rest.equals(split.rest) && clock.enough() == null) {
                backoff.pause();
            }
            split.rest = rest;
        } catch (TemporalFailure e) {
            if (!host.isBusy(e, clock)) {
                fail(e, scope);
                return;
            }
        }
        if (!split.rest.isEmpty()) {
            todo.addFirst(split);
        }
    }

    private void fail(TemporalFailure e, CancellationScope scope) {
        if (failure == null) {
            failure = e;
            scope.cancel();
        }
    }
}
