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
 * The broker and the Temporal server of a demo, with a temporary folder for all that they write. {@link #close} leaves
 * nothing behind; a JVM that is told to end closes them too.
 */
final class DemoServers implements AutoCloseable {

    /** Where the servers shall listen. */
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
            // Whichever fails, the other one must have started before it can be stopped.
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

    /** Starts both at once and returns when both answer; may have to fetch the Temporal server first. */
    static DemoServers start(Ports ports) {
        return new DemoServers(ports, TemporalBinary.locate());
    }

    EmbeddedKafka kafka() {
        return kafka;
    }

    TemporalServer temporal() {
        return temporal;
    }

    /** Where the Temporal binary was found, or why it was not. */
    String temporalTried() {
        return search.tried();
    }

    /** A file for {@code --kafka-config}. */
    Path kafkaConfig() {
        return folder.resolve("kafka_server.config");
    }

    KafkaSettings kafkaSettings() {
        return KafkaSettings.of(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    /** Where the worker may stage its files. */
    Path staging() {
        return folder.resolve("staging");
    }

    /** Has {@code resource} closed before what was opened earlier. */
    synchronized <T extends AutoCloseable> T closeLater(T resource) {
        open.push(resource);
        if (closed) {
            // Told to end while it was starting.
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
                // The others must be closed all the same.
                System.err.println("demo: " + e.getMessage());
            }
        }
    }

    private void closeAtTheEnd() {
        try {
            // A broker that is only starting would go on writing into a folder that is gone.
            if (!started.await(20, TimeUnit.SECONDS)) {
                System.err.println("demo: the servers do not start; see what is left in " + folder);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }
}
