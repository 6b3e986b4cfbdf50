package io.tidemark.bench;

import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.embedded.Folders;
import io.tidemark.embedded.TemporalBinary;
import io.tidemark.embedded.TemporalServer;
import io.tidemark.settings.KafkaSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** A broker and a Temporal server for one measurement, in processes of their own, and a folder for all who need one. */
final class BenchServers implements AutoCloseable {

    /** Thousands of partitions, and the indexes of as many topics again. */
    private static final String BROKER_HEAP = "2g";

    private final Path folder = Folders.createTemporary("tidemark-bench-");
    private final Thread cleanUp = new Thread(() -> Folders.delete(folder), "bench-clean-up");
    private final ChildJvm broker;
    private final TemporalServer temporal;
    private final WorkflowServiceStubs service;
    private final WorkflowClient client;
    private final KafkaSettings kafka;

    private BenchServers(ChildJvm broker, TemporalServer temporal) {
        this.broker = broker;
        this.temporal = temporal;
        Runtime.getRuntime().addShutdownHook(cleanUp);
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

    /** Starts both: the real Temporal server where there is a binary, else the SDK's in-memory one. */
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

    /** A client of the Temporal server, in this process. */
    WorkflowClient client() {
        return client;
    }

    /** A file for {@code --kafka-config}. */
    Path kafkaConfig() {
        return folder.resolve("kafka_server.config");
    }

    /** Where workers may stage their files. */
    Path staging() {
        return folder.resolve("staging");
    }

    /** Where anybody may leave something until the end. */
    Path folder() {
        return folder;
    }

    /** Creates a topic, and waits until every partition has its leader. */
    void createTopic(String topic, int partitions) {
        Map<TopicPartition, OffsetSpec> all = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            all.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
        try (Admin admin = Admin.create(kafka.common())) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all()
                    .get(2, TimeUnit.MINUTES);
            admin.listOffsets(all).all().get(2, TimeUnit.MINUTES);
        } catch (Exception e) {
            throw new IllegalStateException("cannot create topic " + topic + " of " + partitions + " partitions", e);
        }
    }

    @Override
    public void close() {
        service.shutdownNow();
        temporal.close();
        broker.close();
        Folders.delete(folder);
        Runtime.getRuntime().removeShutdownHook(cleanUp);
    }
}
