package io.tidemark.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.tidemark.workflow.NoticeActivities;
import io.tidemark.workflow.NoticeWorkflow;
import java.time.Duration;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.StreamSupport;

/**
 * Keeps the meters of the Temporal SDK few. The SDK asks for 69 buckets for each duration, the last of them of 30 s, and
 * labels each meter with the name of the host's queue, which differs for each host that ever lived.
 */
final class TemporalMeters implements MeterFilter {
    /** From a busy worker's delay to a long step: 50 ms to 30 minutes. */
    private static final double[] TASKS = buckets(0.05, 0.5, 5, 15, 60, 300, 1800);

    /** Requests to the server. There is a meter for each of its methods, and each takes milliseconds or fails. */
    private static final double[] REQUESTS = buckets(0.05, 0.5, 5);

    /**
     * Meters that keep only their count, sum and maximum: polls, which last a minute without a task, and those that others
     * say better, such as {@code tidemark_run_seconds}.
     */
    private static final Set<String> WITHOUT_BUCKETS = Set.of(
            "temporal_long_request_latency",
            "temporal_activity_succeed_endtoend_latency",
            "temporal_workflow_endtoend_latency",
            "temporal_workflow_task_execution_total_latency",
            "temporal_workflow_task_replay_latency");

    /** Kinds of workers that Tidemark does not use. The SDK reports their slots nevertheless. */
    private static final Set<String> UNUSED = Set.of("LocalActivityWorker", "NexusWorker");

    private static final String QUEUE = "task_queue";
    private static final String HOST = "/host/";

    @Override
    public Meter.Id map(Meter.Id id) {
        String queue = id.getTag(QUEUE);
        int host = queue == null ? -1 : queue.indexOf(HOST);
        if (host < 0) {
            return id;
        }
        String all = String.valueOf(queue).substring(0, host + HOST.length() - 1);
        return id.replaceTags(StreamSupport.stream(id.getTagsAsIterable().spliterator(), false)
                .map(tag -> tag.getKey().equals(QUEUE) ? Tag.of(QUEUE, all) : tag)
                .toList());
    }

    @Override
    public MeterFilterReply accept(Meter.Id id) {
        String worker = id.getTag("worker_type");
        boolean unused = worker != null && UNUSED.contains(worker);
        // About a hundred series, which say less than tidemark_notifications_total.
        boolean notice = NoticeWorkflow.TYPE.equals(id.getTag("workflow_type"))
                || NoticeActivities.SEND.equals(id.getTag("activity_type"));
        return unused || notice ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
    }

    @Override
    public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
        if (!id.getName().startsWith("temporal_")) {
            return config;
        }
        DistributionStatisticConfig.Builder few =
                DistributionStatisticConfig.builder().percentilesHistogram(false);
        if (!WITHOUT_BUCKETS.contains(id.getName())) {
            few.serviceLevelObjectives(id.getName().startsWith("temporal_request") ? REQUESTS : TASKS);
        }
        return few.build().merge(config);
    }

    private static double[] buckets(double... seconds) {
        return DoubleStream.of(seconds)
                .map(each -> each * Duration.ofSeconds(1).toNanos())
                .toArray();
    }
}
