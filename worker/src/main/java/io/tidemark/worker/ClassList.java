package io.tidemark.worker;

import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.metrics.Meters;
import io.tidemark.settings.ClusterProbe;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.temporal.TemporalProfile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Starts and stops a worker without servers, which loads the classes that a start needs. {@code ./tidemark} has the JVM
 * archive these classes, which halves the start time of a worker.
 */
final class ClassList {
    /** An address at which no server listens. */
    private static final String NOWHERE = "127.0.0.1:1";

    private ClassList() {}

    /** Takes one argument, a folder for the files of the worker. */
    public static void main(String[] args) {
        load(Path.of(args[0]));
        // Client threads that wait for an answer would keep the process alive.
        System.exit(0);
    }

    static void load(Path staging) {
        loadListed();
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
                defaults.outputTopics(),
                defaults.weakReplication(),
                Placement.LOCAL);
        KafkaSettings kafka = KafkaSettings.of(Map.of("bootstrap.servers", NOWHERE));
        WorkerModule module = new WorkerModule(settings, kafka);
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(
                WorkflowServiceStubsOptions.newBuilder().setTarget(NOWHERE).build());
        try (Meters meters = module.meters();
                KafkaClients clients = module.kafkaClients()) {
            TemporalProfile.load(NOWHERE, null);
            meters.process("", "");
            ClusterProbe.ask(kafka);
            clients.check();
            WarmUp.run();
            TidemarkWorker.start(WorkflowClient.newInstance(service), module).close();
        } catch (IOException | RuntimeException e) {
            // Expected, because no server answers. The classes are loaded, and the worker has closed itself.
        } finally {
            service.shutdownNow();
        }
    }

    /** Loads the classes of a first run, which is not possible without servers. */
    private static void loadListed() {
        for (String name : listed()) {
            try {
                Class.forName(name, false, ClassList.class.getClassLoader());
            } catch (ClassNotFoundException | LinkageError e) {
                // The list is older than a library. A class that is not archived is loaded from its jar.
            }
        }
    }

    /** Returns the names of the classes that {@code .ci/classes} has found. */
    static List<String> listed() {
        try (InputStream in = Objects.requireNonNull(ClassList.class.getResourceAsStream("classes"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
