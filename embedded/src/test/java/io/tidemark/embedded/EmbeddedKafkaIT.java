package io.tidemark.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.security.plain.PlainLoginModule;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {

    private static final TopicPartition READINGS = new TopicPartition("readings", 0);

    @Test
    void committedRecordsAreReadAndAbortedOnesAreNot() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault()) {
            createReadings(kafka);

            try (KafkaProducer<String, String> producer = transactionalProducer(kafka)) {
                send(producer, "aborted");
                producer.abortTransaction();
                send(producer, "committed");
                producer.commitTransaction();
            }

            assertThat(readCommitted(kafka)).containsExactly("committed");
        }
    }

    @Test
    void transactionsRunAtFeatureLevelTwo() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Admin admin = admin(kafka)) {
            assertThat(admin.describeFeatures()
                            .featureMetadata()
                            .get(20, TimeUnit.SECONDS)
                            .finalizedFeatures())
                    .hasEntrySatisfying(
                            "transaction.version",
                            levels -> assertThat(levels.maxVersionLevel()).isEqualTo((short) 2));
        }
    }

    @Test
    void aRestartKeepsThePortAndTheRecords() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault()) {
            createReadings(kafka);
            String before = kafka.bootstrapServers();
            try (KafkaProducer<String, String> producer = transactionalProducer(kafka)) {
                send(producer, "kept");
                producer.commitTransaction();
            }

            kafka.stop();
            assertThat(kafka.isRunning()).isFalse();
            kafka.start();

            assertThat(kafka.bootstrapServers()).isEqualTo(before);
            assertThat(readCommitted(kafka)).containsExactly("kept");
        }
    }

    @Test
    void theNextBrokerUsesTheDataOfAGivenFolder(@TempDir Path folder) throws Exception {
        try (EmbeddedKafka first = EmbeddedKafka.builder().folder(folder).start()) {
            createReadings(first);
            try (KafkaProducer<String, String> producer = transactionalProducer(first)) {
                send(producer, "kept");
                producer.commitTransaction();
            }
        }

        try (EmbeddedKafka second = EmbeddedKafka.builder().folder(folder).start()) {
            assertThat(readCommitted(second)).containsExactly("kept");
        }
    }

    @Test
    void closeDeletesATemporaryFolder() {
        Path folder;
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault()) {
            folder = kafka.folder();
            assertThat(folder).isDirectory();
        }
        assertThat(Files.exists(folder)).isFalse();
    }

    @Test
    void anExtraListenerTellsItsClientsTheAddressOfTheProxy() throws Exception {
        int listening = Ports.free();
        try (EmbeddedKafka kafka = EmbeddedKafka.builder()
                        .extraListener("PROXY", listening, "127.0.0.1:" + listening)
                        .start();
                Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + listening))) {
            assertThat(admin.describeCluster().nodes().get(20, TimeUnit.SECONDS))
                    .singleElement()
                    .satisfies(node -> assertThat(node.port()).isEqualTo(listening));
        }
    }

    @Test
    void secureListenersAuthenticateTheirUsers(@TempDir Path folder) throws Exception {
        BrokerCertificate certificate = BrokerCertificate.create(folder);
        try (EmbeddedKafka kafka = EmbeddedKafka.builder()
                .certificate(certificate)
                .secureListener("SASL", SecurityProtocol.SASL_SSL)
                .user("reader", "secret")
                .authorizer()
                .start()) {
            createReadings(kafka);
            Map<String, Object> settings = Map.of(
                    "bootstrap.servers",
                    kafka.bootstrapServers("SASL"),
                    "security.protocol",
                    "SASL_SSL",
                    "ssl.truststore.type",
                    "PEM",
                    "ssl.truststore.location",
                    certificate.authority().toString(),
                    "sasl.mechanism",
                    "PLAIN",
                    "sasl.jaas.config",
                    PlainLoginModule.class.getName() + " required username=\"reader\" password=\"secret\";");
            try (Admin reader = Admin.create(settings);
                    Admin superUser = admin(kafka)) {
                assertThat(reader.listTopics().names().get(20, TimeUnit.SECONDS))
                        .as("there is no ACL yet")
                        .isEmpty();
                superUser
                        .createAcls(List.of(new AclBinding(
                                new ResourcePattern(ResourceType.TOPIC, READINGS.topic(), PatternType.LITERAL),
                                new AccessControlEntry(
                                        "User:reader", "*", AclOperation.READ, AclPermissionType.ALLOW))))
                        .all()
                        .get(20, TimeUnit.SECONDS);
                assertThat(reader.listTopics().names().get(20, TimeUnit.SECONDS))
                        .containsExactly(READINGS.topic());
            }
        }
    }

    @Test
    void aPortInUseIsAnErrorThatNamesIt() {
        try (EmbeddedKafka holder = EmbeddedKafka.startDefault()) {
            assertThatThrownBy(() -> EmbeddedKafka.builder().port(holder.port()).start())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("127.0.0.1:" + holder.port());
        }
    }

    private static Admin admin(EmbeddedKafka kafka) {
        return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    private static void createReadings(EmbeddedKafka kafka) throws Exception {
        try (Admin admin = admin(kafka)) {
            admin.createTopics(List.of(new NewTopic(READINGS.topic(), 1, (short) 1)))
                    .all()
                    .get(20, TimeUnit.SECONDS);
        }
    }

    private static KafkaProducer<String, String> transactionalProducer(EmbeddedKafka kafka) {
        KafkaProducer<String, String> producer = Producers.ofStrings(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "readings"));
        producer.initTransactions();
        return producer;
    }

    private static void send(KafkaProducer<String, String> producer, String value) throws Exception {
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(READINGS.topic(), value)).get(20, TimeUnit.SECONDS);
    }

    private static List<String> readCommitted(EmbeddedKafka kafka) throws Exception {
        // Wait for the high watermark and for the end of open transactions: the last stable offset may still be before
        // the marker of a commit that has returned.
        long end;
        try (Admin admin = admin(kafka)) {
            end = admin.listOffsets(Map.of(READINGS, OffsetSpec.latest()))
                    .partitionResult(READINGS)
                    .get(20, TimeUnit.SECONDS)
                    .offset();
        }
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(READINGS));
            consumer.seekToBeginning(List.of(READINGS));
            List<String> values = new ArrayList<>();
            while (consumer.position(READINGS) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
            return values;
        }
    }
}
