package io.tidemark.workflow;

import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Functions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.util.HashMap;
import java.util.Map;

/**
 * The activities of a workflow on the queues of single hosts: how many there may be at once, and whether a host that does
 * not take one is dead or only busy.
 */
final class HostTasks {
    /**
     * Splits of a run that are read at once, over all its slices; each slice has at least one. One host may get them all.
     */
    static final int SPLITS_PER_RUN = 128;

    private final Map<String, Long> heard = new HashMap<>();
    private final long hostTimeout;
    private final int splitsAtOnce;

    /**
     * Divides the splits of a run among its slices.
     *
     * @param slices number of slices of the group
     */
    HostTasks(SliceGroup group, int slices) {
        hostTimeout = group.job().limits().hostTimeout().toMillis();
        int groups = group.groups() == 0 ? Stages.GROUPS_IN_FLIGHT : group.groups();
        int slicesAtOnce = groups * Math.min(slices, group.job().limits().slicesInFlight());
        splitsAtOnce = Math.max(1, Math.min(SliceRunner.SPLITS_IN_FLIGHT, SPLITS_PER_RUN / slicesAtOnce));
    }

    /** Returns how many splits of a slice are read at once. */
    int splitsAtOnce() {
        return splitsAtOnce;
    }

    Host host(String queue) {
        return new Host(queue);
    }

    /** One host. */
    final class Host {
        private final String queue;

        private Host(String queue) {
            this.queue = queue;
        }

        String queue() {
            return queue;
        }

        /** Records that the host has ended an activity. */
        void heard() {
            heard.put(queue, Workflow.currentTimeMillis());
        }

        /**
         * Returns whether the host did not take a task in time although it has ended another activity recently. It then
         * has more tasks than it accepts at once, and still has the staged files. A run that may start no more work does not
         * ask: with the little time that is left, each task would fail at once and be scheduled again.
         */
        boolean isBusy(TemporalFailure failure, RunClock clock) {
            Long last = heard.get(queue);
            return Failures.hostSilent(failure)
                    && last != null
                    && last > Workflow.currentTimeMillis() - hostTimeout / 2
                    && !Failures.cancelled()
                    && clock.over() == null
                    && clock.full() == null;
        }

        /** Runs an activity on the host, again and again while the host is busy. */
        <R> R run(Functions.Func<Promise<R>> activity, RunClock clock) {
            while (true) {
                try {
                    R result = activity.apply().get();
                    heard();
                    return result;
                } catch (TemporalFailure e) {
                    if (!isBusy(e, clock)) {
                        throw e;
                    }
                }
            }
        }
    }
}
