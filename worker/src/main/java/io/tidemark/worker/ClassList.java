package io.tidemark.worker;

import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.settings.KafkaSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Starts a worker where no server is, and stops it: loads what a start loads. The launcher has the JVM archive those
 * classes, which halves the time that a worker takes to start.
 */
final class ClassList {
    /** Nobody listens there. */
    private static final String NOWHERE = "127.0.0.1:1";

    private ClassList() {}

    /** The argument is a folder for the worker's files. */
    public static void main(String[] args) {
        load(Path.of(args[0]));
        // Threads of clients that nobody answers would keep the process.
        System.exit(0);
    }

    static void load(Path staging) {
        Main.commandLine().parseArgs("worker");
        WorkerSettings defaults = WorkerSettings.defaults();
        WorkerSettings settings = new WorkerSettings(
                defaults.taskQueue(),
                staging,
                defaults.activities(),
                defaults.pollers(),
                Duration.ZERO,
                defaults.stagedFor(),
                defaults.reader(),
                defaults.outputTopics());
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(
                WorkflowServiceStubsOptions.newBuilder().setTarget(NOWHERE).build());
        WorkerModule module = new WorkerModule(settings, KafkaSettings.of(Map.of("bootstrap.servers", NOWHERE)));
        try {
            TidemarkWorker.start(WorkflowClient.newInstance(service), module).close();
        } catch (RuntimeException e) {
            // As it must: nobody answers. The classes are loaded, and the worker has closed itself.
        } finally {
            service.shutdownNow();
        }
    }
}
