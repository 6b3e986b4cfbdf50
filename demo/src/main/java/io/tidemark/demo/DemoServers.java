package io.tidemark.demo;

import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.Folders;
import io.tidemark.embedded.TemporalBinary;
import io.tidemark.embedded.TemporalServer;
import io.tidemark.settings.KafkaSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The broker and the Temporal server of a demo, with a temporary folder for their files. {@link #close} stops them and
 * deletes the folder; so does a shutdown hook.
 */
final class DemoServers implements AutoCloseable {

    /** Ports of the servers. */
    record Ports(int kafka, int temporal, int webUi) {}

    private final Path folder = Folders.createTemporary("tidemark-demo-");
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final CountDownLatch started = new CountDownLatch(1);
    private final TemporalBinary.Search search;
    private final EmbeddedKafka kafka;
    private final TemporalServer temporal;
    private boolean closed;

    private DemoServers(Ports ports, TemporalBinary.Search search) {
        this.search = search;
        Runtime.getRuntime().addShutdownHook(new Thread(this::closeAtTheEnd, "demo-shutdown"));
        closeLater(() -> Folders.delete(folder));
        CompletableFuture<EmbeddedKafka> startingKafka =
                CompletableFuture.supplyAsync(() -> closeLater(EmbeddedKafka.builder()
                        .port(ports.kafka)
                        .folder(folder.resolve("kafka"))
                        .start()));
        try {
            CompletableFuture<TemporalServer> startingTemporal =
                    CompletableFuture.supplyAsync(() -> closeLater(startTemporal(ports)));
            // If one fails, the other must have started before it can be stopped.
            CompletableFuture.allOf(startingKafka, startingTemporal).join();
            kafka = startingKafka.join();
            temporal = startingTemporal.join();
            Files.writeString(kafkaConfig(), "bootstrap.servers=" + kafka.bootstrapServers() + "\n");
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        } catch (CompletionException e) {
            close();
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } finally {
            started.countDown();
        }
    }

    private TemporalServer startTemporal(Ports ports) {
        TemporalServer.Builder builder = TemporalServer.builder()
                .port(ports.temporal)
                .uiPort(ports.webUi)
                .log(folder.resolve("temporal.log"));
        return search.binary().isPresent() ? builder.startReal(search.binary().get()) : builder.startInMemory();
    }

    /** Starts both in parallel and returns when both are ready. May have to download the Temporal server first. */
    static DemoServers start(Ports ports) {
        return new DemoServers(ports, TemporalBinary.locate());
    }

    EmbeddedKafka kafka() {
        return kafka;
    }

    TemporalServer temporal() {
        return temporal;
    }

    /** Returns where the Temporal binary was found, or why it was not. */
    String temporalTried() {
        return search.tried();
    }

    /** Returns a file for {@code --kafka-config}. */
    Path kafkaConfig() {
        return folder.resolve("kafka_server.config");
    }

    KafkaSettings kafkaSettings() {
        return KafkaSettings.of(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    /** Returns the staging folder of the worker. */
    Path staging() {
        return folder.resolve("staging");
    }

    /** Registers a resource to be closed before those that were registered earlier. */
    synchronized <T extends AutoCloseable> T closeLater(T resource) {
        open.push(resource);
        if (closed) {
            // The demo was stopped while this resource was starting.
            close();
            throw new IllegalStateException("the demo is ending");
        }
        return resource;
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (!open.isEmpty()) {
            AutoCloseable next = open.pop();
            try {
                next.close();
            } catch (Exception e) {
                // Close the others nevertheless.
                System.err.println("demo: " + e.getMessage());
            }
        }
    }

    private void closeAtTheEnd() {
        try {
            // A broker that is still starting would write into a deleted folder.
            if (!started.await(20, TimeUnit.SECONDS)) {
                System.err.println("demo: the servers did not start within 20 s; their files are in " + folder);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }
}
