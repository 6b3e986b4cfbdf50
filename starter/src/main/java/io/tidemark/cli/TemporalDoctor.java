package io.tidemark.cli;

import com.google.protobuf.Timestamp;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.TaskQueueType;
import io.temporal.api.taskqueue.v1.PollerInfo;
import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.api.workflowservice.v1.DescribeTaskQueueRequest;
import io.temporal.api.workflowservice.v1.GetSearchAttributesRequest;
import io.temporal.api.workflowservice.v1.GetSystemInfoRequest;
import io.tidemark.job.form.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Looks at the Temporal server: namespace, search attributes, workers, and the clock. */
final class TemporalDoctor {
    /** Histories of shorter-lived runs are gone before somebody looks in the morning. */
    private static final Duration LEAST_RETENTION = Duration.ofDays(1);

    /** A worker polls at least once in a minute; more than this cannot come from that. */
    private static final Duration MOST_SINCE_POLL = Duration.ofMinutes(6);

    /** Less than what a person or a schedule would notice. */
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    private static final int MOST_NAMED = 5;

    private final TemporalConnection connection;
    private final String namespace;
    private final List<Finding> findings = new ArrayList<>();

    private TemporalDoctor(TemporalConnection connection) {
        this.connection = connection;
        namespace = connection.client().getOptions().getNamespace();
    }

    static List<Finding> look(TemporalConnection connection) {
        TemporalDoctor doctor = new TemporalDoctor(connection);
        doctor.check("Temporal", doctor::server);
        doctor.check("namespace", doctor::namespace);
        doctor.check("search attributes", doctor::searchAttributes);
        doctor.check("workers", () -> doctor.workers(Instant.now()));
        return doctor.findings;
    }

    /** A server may refuse one question and answer the others. */
    private void check(String name, Supplier<Finding> look) {
        try {
            findings.add(look.get());
        } catch (StatusRuntimeException e) {
            boolean silent = e.getStatus().getCode() == Status.Code.UNIMPLEMENTED;
            findings.add(Finding.warning(
                    name,
                    "unknown: the server at " + connection.address() + " answers "
                            + e.getStatus().getCode()
                            + (silent || e.getStatus().getDescription() == null
                                    ? ""
                                    : " (" + e.getStatus().getDescription() + ")"),
                    silent ? "it does not support this question" : "ask its administrator for this permission"));
        }
    }

    private Finding server() {
        String version = connection
                .service()
                .blockingStub()
                .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
                .getServerVersion();
        return Finding.ok(
                "Temporal",
                "reached at " + connection.address() + (version.isEmpty() ? "" : ", server version " + version));
    }

    private Finding namespace() {
        try {
            long seconds = connection
                    .service()
                    .blockingStub()
                    .describeNamespace(DescribeNamespaceRequest.newBuilder()
                            .setNamespace(namespace)
                            .build())
                    .getConfig()
                    .getWorkflowExecutionRetentionTtl()
                    .getSeconds();
            Duration retention = Duration.ofSeconds(seconds);
            String text = namespace + " keeps ended runs for " + Times.text(retention);
            return retention.compareTo(LEAST_RETENTION) < 0
                    ? Finding.warning(
                            "namespace",
                            text,
                            "keep them longer with temporal operator namespace update --retention 7d " + namespace)
                    : Finding.ok("namespace", text);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
                throw e;
            }
            return Finding.failed(
                    "namespace",
                    "there is no namespace " + namespace + " at " + connection.address(),
                    "name another with --namespace, or create it with temporal operator namespace create " + namespace);
        }
    }

    @SuppressWarnings("deprecation") // The newer request belongs to a service that not everybody may use.
    private Finding searchAttributes() {
        String registered = connection
                .service()
                .blockingStub()
                .getSearchAttributes(GetSearchAttributesRequest.getDefaultInstance())
                .getKeysMap()
                .keySet()
                .stream()
                .filter(each -> each.startsWith("Tidemark"))
                .sorted()
                .collect(Collectors.joining(", "));
        return Finding.ok(
                "search attributes", registered.isEmpty() ? "none of Tidemark's; they are optional" : registered);
    }

    private Finding workers(Instant now) {
        Map<String, PollerInfo> workers = new TreeMap<>();
        for (TaskQueueType type :
                List.of(TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)) {
            connection
                    .service()
                    .blockingStub()
                    .describeTaskQueue(DescribeTaskQueueRequest.newBuilder()
                            .setNamespace(namespace)
                            .setTaskQueue(TaskQueue.newBuilder().setName(connection.taskQueue()))
                            .setTaskQueueType(type)
                            .build())
                    .getPollersList()
                    .forEach(each -> workers.merge(each.getIdentity(), each, TemporalDoctor::later));
        }
        if (workers.isEmpty()) {
            return Finding.warning(
                    "workers",
                    "none polled " + connection.taskQueue() + " in the last five minutes, so runs wait",
                    "start one with ./tidemark worker");
        }
        Instant last = workers.values().stream()
                .map(each -> instant(each.getLastAccessTime()))
                .max(Instant::compareTo)
                .orElse(now);
        findings.add(clock(last, now));
        return Finding.ok(
                "workers",
                Texts.number(workers.size()) + (workers.size() == 1 ? " process" : " processes") + " polled "
                        + connection.taskQueue() + ": " + named(workers));
    }

    private static PollerInfo later(PollerInfo one, PollerInfo other) {
        return instant(one.getLastAccessTime()).isBefore(instant(other.getLastAccessTime())) ? other : one;
    }

    private static String named(Map<String, PollerInfo> workers) {
        return workers.values().stream()
                        .limit(MOST_NAMED)
                        .map(each -> each.getIdentity()
                                + (each.getDeploymentOptions().getBuildId().isEmpty()
                                        ? ""
                                        : " (version "
                                                + each.getDeploymentOptions().getBuildId() + ")"))
                        .collect(Collectors.joining(", "))
                + (workers.size() > MOST_NAMED ? " and " + (workers.size() - MOST_NAMED) + " more" : "");
    }

    /**
     * Compares this machine's clock with the server's.
     *
     * @param last the time of the last poll of a worker, by the server's clock: at most some minutes ago
     */
    static Finding clock(Instant last, Instant now) {
        if (last.isAfter(now.plus(TOLERANCE))) {
            return Finding.warning(
                    "clock",
                    "this machine's clock is at least " + Texts.duration(Duration.between(now, last))
                            + " behind the Temporal server's",
                    "set it by NTP: nominal times and ages are wrong");
        } else if (last.plus(MOST_SINCE_POLL).isBefore(now)) {
            return Finding.warning(
                    "clock",
                    "this machine's clock is about " + Texts.duration(Duration.between(last, now))
                            + " ahead of the Temporal server's",
                    "set it by NTP: nominal times and ages are wrong");
        }
        return Finding.ok("clock", "agrees with the Temporal server's to some minutes, by the last poll of a worker");
    }

    private static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }
}
