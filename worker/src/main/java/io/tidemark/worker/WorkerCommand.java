package io.tidemark.worker;

import io.tidemark.aggregate.OwnAggregates;
import io.tidemark.check.OutputTopics;
import io.tidemark.check.WeakReplication;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.notify.HttpPost;
import io.tidemark.notify.Webhook;
import io.tidemark.plugin.PluginFolder;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./tidemark worker}: runs workflows and activities until the process is asked to stop. */
@Command(
        name = "worker",
        description = "Start a worker: it executes runs until it is stopped by Ctrl-C or SIGTERM.",
        footer = {
            "",
            "The connection to Temporal is configured as for the temporal CLI: by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE,",
            "TEMPORAL_API_KEY, TEMPORAL_PROFILE, TEMPORAL_TLS_* and its configuration file.",
            "TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID give the worker a version for worker versioning."
        })
final class WorkerCommand implements Callable<Integer> {
    static final String LOG_FORMAT_VARIABLE = "TIDEMARK_LOG_FORMAT";
    private static final String OUTPUT_TOPICS_VARIABLE = "TIDEMARK_OUTPUT_TOPICS";
    private static final String WEBHOOK_VARIABLE = "TIDEMARK_WEBHOOK";
    private static final String LINEAGE_VARIABLE = "TIDEMARK_LINEAGE";
    private static final String OTLP_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private static final String WEAK_REPLICATION_VARIABLE = "TIDEMARK_WEAK_REPLICATION";

    @Mixin
    private ServerOptions servers = new ServerOptions();

    @Option(
            names = "--kafka-producer-config",
            paramLabel = "FILE",
            description = "File with settings for producers only; they override --kafka-config. Default: $"
                    + KafkaSettings.PRODUCER_FILE_VARIABLE + ".")
    private @Nullable Path producerConfig;

    @Option(
            names = "--task-queue",
            paramLabel = "NAME",
            defaultValue = KafkaBatchWorkflow.TASK_QUEUE,
            description = "Task queue to poll. Default: ${DEFAULT-VALUE}.")
    private String taskQueue = KafkaBatchWorkflow.TASK_QUEUE;

    @Option(
            names = "--staging",
            paramLabel = "DIR",
            description = "Folder for staged files, on a local disk that survives a restart of the process. Default:"
                    + " tidemark-<user> in the folder for temporary files.")
    private Path staging = WorkerSettings.DEFAULT_STAGING;

    @Option(
            names = "--activities",
            paramLabel = "N",
            description =
                    "Maximum number of splits read at once, and of slices written at once. Default: twice the number of"
                            + " cores.")
    private int activities = WorkerSettings.DEFAULT_ACTIVITIES;

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            description =
                    "How long a worker that is told to stop waits for running activities, and for slices that it has read"
                            + " and not written. Default: 15.")
    private int drain = (int) WorkerSettings.DEFAULT_DRAIN.toSeconds();

    @Option(
            names = "--health-port",
            paramLabel = "PORT",
            description = "Port of the HTTP server for /healthz, /readyz and /metrics. Default: no HTTP server.")
    private @Nullable Integer healthPort;

    @Option(
            names = "--reader",
            paramLabel = "KIND",
            description =
                    "How input topics are read: fetch, by fetch requests of its own, or consumer, by KafkaConsumer,"
                            + " in twice the time. Default: fetch.")
    private ReaderKind reader = WorkerSettings.DEFAULT_READER;

    @Option(
            names = "--output-topics",
            paramLabel = "NAMES",
            defaultValue = "${env:" + OUTPUT_TOPICS_VARIABLE + ":-*}",
            description =
                    "Topics that jobs may write to: a comma-separated list of names, where * matches any characters."
                            + " Default: $" + OUTPUT_TOPICS_VARIABLE + ", else * (all topics).")
    private String outputTopics = "*";

    @Option(
            names = "--weak-replication",
            paramLabel = "ACTION",
            defaultValue = "${env:" + WEAK_REPLICATION_VARIABLE + ":-warn}",
            description =
                    "What to do if a job's output, state or dead letters can be lost with one broker: warn, or refuse the"
                            + " run. Default: $" + WEAK_REPLICATION_VARIABLE + ", else warn.")
    private WeakReplication weakReplication = WeakReplication.WARN;

    @Option(
            names = "--plugins",
            paramLabel = "DIR",
            description =
                    "Folder of plugins: each jar in it has aggregates that jobs use by name. All workers of a task"
                            + " queue need the same. Default: none.")
    private @Nullable Path plugins;

    @Option(
            names = "--host-id",
            paramLabel = "NAME",
            description =
                    "Name of this process in the name of its task queue; the same after each restart, and no other worker"
                            + " of the task queue may have it. Default: $" + Placement.HOST_ID_VARIABLE
                            + ", else an id that is kept in the staging folder.")
    private @Nullable String hostId;

    @Option(
            names = "--webhook",
            paramLabel = "URL",
            defaultValue = "${env:" + WEBHOOK_VARIABLE + "}",
            description =
                    "URL to which notices of runs are posted, as CloudEvents; signed if $" + Webhook.SECRET_VARIABLE
                            + " is set. Give all workers of a task queue the same. Default: $" + WEBHOOK_VARIABLE
                            + ", else none.")
    private @Nullable String webhook;

    @Option(
            names = "--webhook-on",
            paramLabel = "TYPES",
            defaultValue = "failed",
            description = "Comma-separated list of what is posted: failed, late, recovered, warned. Default:"
                    + " ${DEFAULT-VALUE}.")
    private String webhookOn = "failed";

    @Option(
            names = "--lineage",
            paramLabel = "URL",
            defaultValue = "${env:" + LINEAGE_VARIABLE + "}",
            description = "URL to which OpenLineage events of runs are posted, such as"
                    + " http://marquez:5000/api/v1/lineage. Default: $" + LINEAGE_VARIABLE + ", else none.")
    private @Nullable String lineage;

    @Option(
            names = "--otlp",
            paramLabel = "URL",
            defaultValue = "${env:" + OTLP_VARIABLE + "}",
            description =
                    "URL of an OpenTelemetry collector, such as http://localhost:4318, to which traces of runs are"
                            + " sent by OTLP over HTTP. Default: $" + OTLP_VARIABLE + ", else none.")
    private @Nullable String otlp;

    @Override
    public Integer call() throws IOException, InterruptedException {
        requireLogFormat(System.getenv(LOG_FORMAT_VARIABLE));
        OutputTopics allowed = OutputTopics.of(outputTopics);
        KafkaSettings kafka = servers.kafka(producerConfig);
        OwnAggregates aggregates = PluginFolder.load(plugins);
        Outlets outlets = new Outlets(
                webhook == null || webhook.isEmpty()
                        ? null
                        : Webhook.of(webhook, System.getenv(Webhook.SECRET_VARIABLE), webhookOn),
                url("--lineage", lineage),
                url("--otlp", otlp));
        WorkerSettings settings = new WorkerSettings(
                taskQueue,
                staging,
                activities,
                WorkerSettings.DEFAULT_POLLERS,
                Duration.ofSeconds(drain),
                WorkerSettings.DEFAULT_STAGED_FOR,
                reader,
                allowed,
                weakReplication,
                Placement.of(hostId, System.getenv()));
        try (WorkerLifecycle worker = WorkerLifecycle.start(
                new WorkerModule(settings, kafka, aggregates, outlets), servers.temporal(), healthPort)) {
            worker.awaitStop();
        }
        return 0;
    }

    /** Returns the URL, or null if there is none: an environment variable that is set to nothing is not set. */
    private static @Nullable URI url(String option, @Nullable String text) {
        return text == null || text.isEmpty() ? null : HttpPost.url(option, text);
    }

    /** Refuses a format that does not exist: with it, a worker would log nothing. */
    static void requireLogFormat(@Nullable String format) {
        if (format != null && !format.equals("text") && !format.equals("json")) {
            throw new IllegalArgumentException(
                    LOG_FORMAT_VARIABLE + " is '" + format + "'; it must be text (the default) or json");
        }
    }
}
