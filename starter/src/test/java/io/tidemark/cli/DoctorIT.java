package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.Ports;
import io.tidemark.embedded.Producers;
import io.tidemark.embedded.TemporalServer;
import io.tidemark.job.JobCodec;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PartitionProgress.Batch;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.ProgressCodec;
import io.tidemark.state.RecordCounts;
import io.tidemark.state.StateKeys;
import io.tidemark.state.Windows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code lag} and {@code doctor} against a broker and a Temporal server. */
@Timeout(120)
class DoctorIT {
    private static final Instant OLD = Instant.parse("2026-01-02T03:04:05Z");

    private static EmbeddedKafka kafka;
    private static TemporalServer temporal;

    @TempDir
    static Path folder;

    @BeforeAll
    static void startServers() throws IOException {
        temporal = TemporalServer.forTests();
        kafka = EmbeddedKafka.startDefault();
        Files.writeString(config(), "bootstrap.servers=" + kafka.bootstrapServers() + "\n");
    }

    @AfterAll
    static void stopServers() {
        kafka.close();
        if (temporal != null) {
            temporal.close();
        }
    }

    @Test
    void lagCountsWhatTheProgressDoesNotHaveYet() throws Exception {
        String job = job("lagging", "acme.");
        fill("lagging-in", 3, 10);
        // Partition 0 is read up to 4, partition 1 to its end, and partition 2 is new.
        try (Topics topics = new Topics(settings())) {
            topics.create("acme.tidemark.lagging.state", 3);
        }
        progress("acme.tidemark.lagging.state", job, 0, 4);
        progress("acme.tidemark.lagging.state", job, 1, 10);

        Cli byFile = kafka("lag", job, "--json", "--partitions");
        Cli byName = kafka("lag", "lagging", "--json", "--partitions");
        Cli all = kafka("lag");
        Cli partitions = kafka("lag", job, "--partitions");

        JsonNode json = new ObjectMapper().readTree(byFile.out());
        assertThat(byFile.err()).isEmpty();
        assertThat(json.path("unread").longValue()).isEqualTo(16);
        assertThat(json.path("lost").longValue()).isZero();
        assertThat(json.path("oldestUnread").textValue()).isEqualTo(OLD.toString());
        assertThat(json.path("lastBatch").textValue()).isEqualTo("2026-02-03T04:05:06Z");
        assertThat(json.path("details").findValuesAsText("unread")).containsExactly("6", "0", "10");
        assertThat(json.path("details").get(0).path("oldestUnread").textValue())
                .isEqualTo(OLD.plusSeconds(4).toString());
        assertThat(json.path("details").get(1).path("oldestUnread").isNull()).isTrue();
        assertThat(byName.out().replaceAll("\"oldestUnreadSeconds\":\\d+", ""))
                .isEqualTo(byFile.out().replaceAll("\"oldestUnreadSeconds\":\\d+", ""));
        assertThat(all.out())
                .containsPattern("lagging +lagging-in +3 +16 +[\\d,]+ h \\d+ min +2026-02-03 04:05:06 UTC");
        assertThat(partitions.out())
                .containsPattern("lagging +lagging-in +0 +4 +10 +6 +\\d+ h")
                .containsPattern("lagging +lagging-in +2 +0 +10 +10 +\\d+ h")
                .hasLineCount(3);
    }

    @Test
    void lagNamesOffsetsThatRetentionRemovedBeforeTheyWereRead() throws Exception {
        String job = job("losing", "");
        fill("losing-in", 1, 10);
        try (Topics topics = new Topics(settings());
                Admin admin = Topics.admin(settings())) {
            topics.create("tidemark.losing.state", 1);
            admin.deleteRecords(Map.of(new TopicPartition("losing-in", 0), RecordsToDelete.beforeOffset(7)))
                    .all()
                    .get();
        }
        progress("tidemark.losing.state", job, 0, 4);

        JsonNode json = new ObjectMapper().readTree(kafka("lag", job, "--json").out());

        assertThat(json.path("lost").longValue()).isEqualTo(3);
        assertThat(json.path("unread").longValue()).isEqualTo(3);
        assertThat(kafka("lag", job).out().lines().findFirst().orElse("")).matches("job .* last batch +lost");
    }

    @Test
    void aJobThatHasNeverRunIsNamed() throws Exception {
        String job = job("fresh", "");
        fill("fresh-in", 1, 3);

        assertThat(kafka("lag", job).err())
                .isEqualTo("note: job fresh has no progress yet, so every offset counts as unread\n");
        assertThat(kafka("lag", "nobodys").err())
                .startsWith("error: there is no state topic of a job nobodys at " + kafka.bootstrapServers());
    }

    @Test
    void doctorLooksAtEverythingARunNeeds() throws Exception {
        String job = job("healthy", "");
        fill("healthy-in", 1, 1);
        try (FakeWorker worker = new FakeWorker(temporal.target(), new CountDownLatch(0))) {
            // A poll is listed some time after it began; @Timeout ends the wait.
            Cli cli = doctor(job);
            while (cli.out().contains("none polled")) {
                cli = doctor(job);
            }

            assertThat(cli.exitCode()).isZero();
            assertThat(cli.out())
                    .containsPattern("\nok +Temporal +reached at " + temporal.target() + ", server version ")
                    .containsPattern("\nok +namespace +default keeps ended runs for ")
                    .containsPattern("\nok +search attributes +none of Tidemark's")
                    .containsPattern("\nok +clock +agrees")
                    .containsPattern("\nok +workers +1 process polled kafka-batch: \\d+@")
                    .containsPattern("\nok +Kafka +1 broker at " + kafka.bootstrapServers() + " .*Kafka 3.0 or later")
                    .containsPattern("\nok +transactions +a coordinator answers")
                    .containsPattern("\nok +healthy +topic healthy-in: DescribeConfigs, Read\n")
                    .containsPattern("\nok +healthy +topic healthy-out does not exist yet; the first run needs Create")
                    .containsPattern("\nok +healthy +group tidemark-healthy does not exist yet")
                    .containsPattern("\nok +healthy +transactional ids tidemark/healthy/ \\(prefix\\)")
                    .containsPattern("\nok +staging +" + folder + " has ")
                    .endsWith(": 0 failed, 0 warnings\n");
        }
    }

    @Test
    void doctorSaysWhatFailedAndWhatToDo() throws Exception {
        String job = job("unwell", "");

        Cli noTopic = doctor(job, "--namespace", "nowhere", "--task-queue", "deserted", "--staging", "/no/such/folder");
        JsonNode away = new ObjectMapper()
                .readTree(Cli.run(
                                "doctor",
                                "--json",
                                "--address",
                                "http://127.0.0.1:7233",
                                "--kafka-config",
                                Files.writeString(
                                                folder.resolve("away.config"),
                                                "bootstrap.servers=127.0.0.1:" + Ports.free() + "\n")
                                        .toString())
                        .out());

        assertThat(noTopic.exitCode()).isEqualTo(1);
        assertThat(noTopic.out())
                .containsPattern("\nFAILED +namespace +there is no namespace nowhere at \\S+; name another with")
                .containsPattern("\nFAILED +unwell +there is no input topic unwell-in at ")
                .containsPattern("\nFAILED +staging +there is no folder /no/such/folder; create it");
        assertThat(away.path("ok").booleanValue()).isFalse();
        assertThat(away.path("checks").findValuesAsText("check")).startsWith("Temporal", "Kafka");
        assertThat(away.path("checks").get(0).path("finding").textValue())
                .startsWith("the address of the Temporal server must have the form host:port");
        assertThat(away.path("checks").get(1).path("finding").textValue()).startsWith("no Kafka broker answers");
    }

    private static Cli doctor(String job, String... more) {
        return kafka(Stream.concat(
                        Stream.of("doctor", job, "--address", temporal.target()),
                        more.length == 0 ? Stream.of("--staging", folder.toString()) : Arrays.stream(more))
                .toArray(String[]::new));
    }

    private static Cli kafka(String... arguments) {
        return Cli.run(Stream.concat(Arrays.stream(arguments), Stream.of("--kafka-config", config().toString()))
                .toArray(String[]::new));
    }

    private static Path config() {
        return folder.resolve("kafka_server.config");
    }

    private static KafkaSettings settings() {
        return KafkaSettings.of(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    private static String job(String name, String prefix) throws IOException {
        return Files.writeString(
                        folder.resolve(name + ".yaml"),
                        Cli.VOLTAGE
                                        .replace("voltage-daily", name)
                                        .replace("airflow-input-topic", name + "-in")
                                        .replace("airflow-output-topic", name + "-out")
                                + (prefix.isEmpty() ? "" : "names: { prefix: " + prefix + " }\n"))
                .toString();
    }

    /** Writes records one second apart, the first one at {@link #OLD}. */
    private static void fill(String topic, int partitions, int records) throws Exception {
        try (Topics topics = new Topics(settings())) {
            topics.create(topic, partitions);
        }
        try (Producer<byte[], byte[]> producer = producer(Map.of())) {
            for (int i = 0; i < partitions * records; i++) {
                long time = OLD.plusSeconds(i / partitions).toEpochMilli();
                producer.send(new ProducerRecord<>(topic, i % partitions, time, null, new byte[10]))
                        .get();
            }
        }
    }

    /** Writes a progress record as a run does: in a transaction, so that a marker follows it. */
    private static void progress(String stateTopic, String job, int partition, long through) throws Exception {
        var spec = JobCodec.write(JobFile.read(Path.of(job), List.of()).job());
        PartitionProgress progress = new PartitionProgress(
                new PlanIdentity("f", 0, "i", "o", "s"),
                JsonNodeFactory.instance.objectNode().set("input", spec.path("input")),
                1,
                through,
                -1,
                0,
                0,
                Windows.NONE,
                new Batch(
                        0,
                        through,
                        "run",
                        RecordCounts.folded(through, 9),
                        1,
                        0,
                        0,
                        0,
                        0,
                        0,
                        Instant.parse("2026-02-03T04:05:06Z").toEpochMilli(),
                        -1),
                List.of(),
                List.of());
        try (Producer<byte[], byte[]> producer = producer(Map.of("transactional.id", stateTopic + "/" + partition))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(
                            stateTopic, partition, StateKeys.progress(), ProgressCodec.encode(progress)))
                    .get();
            producer.commitTransaction();
        }
    }

    private static Producer<byte[], byte[]> producer(Map<String, String> more) {
        Map<String, Object> all = settings().producer();
        all.putAll(more);
        return Producers.ofBytes(all);
    }
}
