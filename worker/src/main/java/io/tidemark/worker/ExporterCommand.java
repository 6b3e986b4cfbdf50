package io.tidemark.worker;

import io.tidemark.exporter.Exporter;
import io.tidemark.settings.BuildInfo;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./tidemark exporter}: serves the gauges of all jobs until the process is asked to stop. */
@Command(
        name = "exporter",
        description = "Serve metrics of all jobs for Prometheus, from what Kafka and Temporal store: when a job last"
                + " succeeded, its schedule, its lag, its state. Needs no worker and writes nothing.",
        footer = {
            "",
            "The connection to Temporal is configured as for the temporal CLI: by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE,",
            "TEMPORAL_API_KEY, TEMPORAL_PROFILE, TEMPORAL_TLS_* and its configuration file."
        })
final class ExporterCommand implements Callable<Integer> {
    @Mixin
    private ServerOptions servers = new ServerOptions();

    @Option(
            names = "--task-queue",
            paramLabel = "NAME",
            defaultValue = KafkaBatchWorkflow.TASK_QUEUE,
            description = "Task queue to watch, besides those of schedules and runs. Default: ${DEFAULT-VALUE}.")
    private String taskQueue = KafkaBatchWorkflow.TASK_QUEUE;

    @Option(
            names = "--prefix",
            paramLabel = "PREFIX",
            description = "What the names of state topics begin with whose jobs Temporal does not know: names.prefix of"
                    + " these jobs. Default: nothing.")
    private String prefix = "";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "9464",
            description = "Port of the HTTP server for /metrics, /healthz and /readyz. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "Pause between two refreshes, at least 5. A scrape asks neither Kafka nor Temporal. Default:"
                    + " ${DEFAULT-VALUE}.")
    private int interval;

    @Override
    public Integer call() throws IOException, InterruptedException {
        WorkerCommand.requireLogFormat(System.getenv(WorkerCommand.LOG_FORMAT_VARIABLE));
        if (interval < 5) {
            throw new IllegalArgumentException("--interval is " + interval + "; it must be at least 5 seconds");
        }
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        try (ExporterLifecycle exporter = ExporterLifecycle.start(
                servers.kafka(null),
                servers.temporal(),
                new Exporter.Options(taskQueue, prefix, BuildInfo.current().text()),
                Duration.ofSeconds(interval),
                port)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAndWait(stop, stopped), "tidemark-stop"));
            stop.await();
        } finally {
            stopped.countDown();
        }
        return 0;
    }

    private static void stopAndWait(CountDownLatch stop, CountDownLatch stopped) {
        stop.countDown();
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
