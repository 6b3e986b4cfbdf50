package io.tidemark.worker;

import io.tidemark.check.OutputTopics;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./tidemark worker}: runs workflows and activities until the process is asked to stop. */
@Command(
        name = "worker",
        description = "Run workflows and activities until stopped by Ctrl-C or SIGTERM.",
        footer = {
            "",
            "Temporal is found as the temporal CLI finds it: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY,",
            "TEMPORAL_PROFILE, TEMPORAL_TLS_* and its configuration file."
        })
final class WorkerCommand implements Callable<Integer> {
    private static final String OUTPUT_TOPICS_VARIABLE = "TIDEMARK_OUTPUT_TOPICS";

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "Kafka settings, key=value. Default: $" + KafkaSettings.FILE_VARIABLE + ", else ./"
                    + KafkaSettings.DEFAULT_FILE + ", else " + KafkaSettings.DEFAULT_BOOTSTRAP_SERVERS + ".")
    private @Nullable Path kafkaConfig;

    @Option(
            names = "--kafka-consumer-config",
            paramLabel = "FILE",
            description = "Settings for consumers, on top. Default: $" + KafkaSettings.CONSUMER_FILE_VARIABLE + ".")
    private @Nullable Path consumerConfig;

    @Option(
            names = "--kafka-producer-config",
            paramLabel = "FILE",
            description = "Settings for producers, on top. Default: $" + KafkaSettings.PRODUCER_FILE_VARIABLE + ".")
    private @Nullable Path producerConfig;

    @Option(
            names = "--address",
            paramLabel = "HOST:PORT",
            description = "Temporal server. Default: that of the environment.")
    private @Nullable String address;

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            description = "Temporal namespace. Default: that of the environment.")
    private @Nullable String namespace;

    @Option(
            names = "--task-queue",
            paramLabel = "NAME",
            defaultValue = KafkaBatchWorkflow.TASK_QUEUE,
            description = "Task queue to poll. Default: ${DEFAULT-VALUE}.")
    private String taskQueue = KafkaBatchWorkflow.TASK_QUEUE;

    @Option(
            names = "--staging",
            paramLabel = "DIR",
            description = "Folder of staged files; a local disk that outlives a restart. Default: one in the temporary"
                    + " folder.")
    private Path staging = WorkerSettings.DEFAULT_STAGING;

    @Option(
            names = "--activities",
            paramLabel = "N",
            description = "Splits read at once, and slices written at once. Default: twice the cores.")
    private int activities = WorkerSettings.DEFAULT_ACTIVITIES;

    @Option(
            names = "--health-port",
            paramLabel = "PORT",
            description = "Answer /healthz, /readyz and /metrics there. Default: nowhere.")
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
            description = "Topics that jobs may write to: names, separated by commas, in which * stands for any"
                    + " characters. Default: $" + OUTPUT_TOPICS_VARIABLE + ", else any.")
    private String outputTopics = "*";

    @Override
    public Integer call() throws IOException, InterruptedException {
        OutputTopics allowed = OutputTopics.of(outputTopics);
        KafkaSettings kafka = KafkaSettings.find(kafkaConfig, consumerConfig, producerConfig);
        WorkerSettings settings = new WorkerSettings(
                taskQueue,
                staging,
                activities,
                WorkerSettings.DEFAULT_POLLERS,
                WorkerSettings.DEFAULT_DRAIN,
                WorkerSettings.DEFAULT_STAGED_FOR,
                reader,
                allowed);
        try (WorkerLifecycle worker =
                WorkerLifecycle.start(new WorkerModule(settings, kafka), address, namespace, healthPort)) {
            worker.awaitStop();
        }
        return 0;
    }
}
