package io.tidemark.bench;

import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.embedded.TemporalBinary;
import io.tidemark.embedded.TemporalServer;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.settings.KafkaSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A broker and a Temporal server for one measurement, in separate processes. */
final class BenchServers implements AutoCloseable {

    /** Enough for thousands of partitions, with the indexes of their topics. */
    private static final String BROKER_HEAP = "2g";

    private final ChildJvm broker;
    private final TemporalServer temporal;
    private final WorkflowServiceStubs service;
    private final WorkflowClient client;
    private final KafkaSettings kafka;

    private BenchServers(ChildJvm broker, TemporalServer temporal) {
        this.broker = broker;
        this.temporal = temporal;
        kafka = KafkaSettings.of(Map.of("bootstrap.servers", broker.read()));
        service = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(temporal.target())
                .build());
        client = WorkflowClient.newInstance(
                service,
                WorkflowClientOptions.newBuilder()
                        .setNamespace(temporal.namespace())
                        .build());
        try {
            Files.writeString(kafkaConfig(), "bootstrap.servers=" + kafka.bootstrapServers() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts both: the real Temporal server if there is a binary, otherwise the in-memory server of the SDK. */
    static BenchServers start() {
        ChildJvm broker = ChildJvm.start(BrokerProcess.class, BROKER_HEAP);
        try {
            TemporalBinary.Search search = TemporalBinary.locate();
            return new BenchServers(
                    broker,
                    search.binary().isPresent()
                            ? TemporalServer.startReal(search.binary().get())
                            : TemporalServer.builder().startInMemory());
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    KafkaSettings kafka() {
        return kafka;
    }

    TemporalServer temporal() {
        return temporal;
    }

    /** Returns a client of the Temporal server, in this process. */
    WorkflowClient client() {
        return client;
    }

    /** Returns a file for {@code --kafka-config}. */
    Path kafkaConfig() {
        return broker.folder().resolve("kafka_server.config");
    }

    /** Creates a topic and waits until every partition has a leader. */
    void createTopic(String topic, int partitions) {
        try (KafkaClients clients = new KafkaClients(kafka)) {
            new TopicCatalog(clients).create(topic, partitions, Map.of());
        }
    }

    @Override
    public void close() {
        service.shutdownNow();
        temporal.close();
        broker.close();
    }
}
