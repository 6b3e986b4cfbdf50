package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.tidemark.cli.OutputReader.Rows;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.Ports;
import io.tidemark.embedded.Producers;
import io.tidemark.row.RowHeader;
import io.tidemark.settings.KafkaSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code sample} and {@code results} against a broker. */
@Timeout(120)
@SuppressWarnings("FutureReturnValueIgnored") // A commit or flush follows, and fails where a send did.
class SampleAndResultsIT {
    private static EmbeddedKafka kafka;

    @TempDir
    static Path folder;

    private static Path config;

    @BeforeAll
    static void startBroker() throws IOException {
        kafka = EmbeddedKafka.startDefault();
        config = Files.writeString(
                folder.resolve("kafka_server.config"), "bootstrap.servers=" + kafka.bootstrapServers() + "\n");
    }

    @AfterAll
    static void stopBroker() {
        kafka.close();
    }

    @Test
    void sampleCreatesTheTopicOnceAndWritesWhatItSays() {
        Cli first = sample("samples", "--readings", "100", "--bad", "7", "--partitions", "3");
        Cli second = sample("samples", "--readings", "5", "--partitions", "9", "--seed", "2", "--json");

        assertThat(first.err()).isEmpty();
        assertThat(first.out()).isEqualTo("""
                        created samples with 3 partitions
                        wrote 100 readings of 2006-12-20 to 2006-12-26 and 7 bad records, seed 1
                        """);
        assertThat(second.out())
                .isEqualTo("{\"topic\":\"samples\",\"created\":false,\"partitions\":3,\"readings\":5,\"bad\":0,"
                        + "\"firstDay\":\"2006-12-20\",\"lastDay\":\"2006-12-26\",\"seed\":2}\n");
    }

    @Test
    void withOnceASecondCallWritesNothing() {
        Cli first = sample("filled-once", "--readings", "100", "--partitions", "3", "--once");
        Cli second = sample("filled-once", "--readings", "100", "--once");
        Cli third = sample("filled-once", "--readings", "100", "--once", "--json");

        assertThat(first.out()).contains("wrote 100 readings");
        assertThat(second.out()).isEqualTo("""
                        found filled-once with 3 partitions
                        wrote nothing, because 100 offsets of filled-once are in use already (--once)
                        """);
        assertThat(third.out()).contains("\"readings\":0,\"bad\":0,");
    }

    @Test
    void withOnceATopicThatWasMadeBeforehandIsFilled() {
        try (Topics topics = new Topics(settings())) {
            topics.create("made-empty", 2);
        }

        assertThat(sample("made-empty", "--readings", "10", "--once").out())
                .contains("found made-empty with 2 partitions", "wrote 10 readings");
    }

    @Test
    void theSameSeedWritesTheSameRecordsToTheSamePartitions() {
        sample("once", "--readings", "300", "--partitions", "4");
        sample("again", "--readings", "300", "--partitions", "4");

        var once = OutputReader.read(settings(), "once", null);

        assertThat(once).isEqualTo(OutputReader.read(settings(), "again", null));
        assertThat(once).hasSize(50);
        assertThat(once.stream().map(OutputReader.Row::partition).distinct()).hasSize(4);
    }

    @Test
    void theLagOfAJobIsThatOfItsGroup() throws Exception {
        sample("lagging", "--readings", "300", "--partitions", "2");
        JsonNode job = JobFile.read(
                        Files.writeString(
                                folder.resolve("lagging.yaml"),
                                Cli.VOLTAGE
                                        .replace("airflow-input-topic", "lagging")
                                        .replace("voltage-daily", "lagging")),
                        List.of())
                .json();
        try (Topics topics = new Topics(settings());
                Admin admin = Admin.create(settings().common())) {
            Map<Integer, Long> ends = topics.offsets("lagging", 2, OffsetSpec.latest());
            long first = ends.getOrDefault(0, 0L);
            long second = ends.getOrDefault(1, 0L);
            assertThat(GroupLag.json(topics, job)).as("never ran").isEqualTo(NullNode.getInstance());

            commit(admin, Map.of(0, first, 1, second));
            assertThat(GroupLag.json(topics, job)).hasToString("{\"records\":0,\"partitionsBehind\":0}");
            commit(admin, Map.of(0, first - 7, 1, 5L));
            admin.deleteRecords(Map.of(new TopicPartition("lagging", 1), RecordsToDelete.beforeOffset(3)))
                    .all()
                    .get();

            JsonNode behind = GroupLag.json(topics, job);

            assertThat(behind.path("records").asLong()).isEqualTo(7 + second - 5);
            assertThat(behind.path("partitionsBehind").asInt()).isEqualTo(2);
            assertThat(behind.path("headroom").asLong()).isEqualTo(2);
            assertThat(behind.path("headroomPartition").asInt()).isEqualTo(1);
        }
    }

    private static void commit(Admin admin, Map<Integer, Long> offsets) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> places = new HashMap<>();
        offsets.forEach((partition, offset) ->
                places.put(new TopicPartition("lagging", partition), new OffsetAndMetadata(offset)));
        admin.alterConsumerGroupOffsets("tidemark-lagging", places).all().get();
    }

    @Test
    void validateFindsRowsOfAnotherJobInTheInput() throws Exception {
        sample("of-rows", "--readings", "1", "--partitions", "3");
        String job = Files.writeString(
                        folder.resolve("of-rows.yaml"), Cli.VOLTAGE.replace("airflow-input-topic", "of-rows"))
                .toString();
        assertThat(withConfig("validate", job).exitCode()).isZero();
        try (Producer<String, String> producer = Producers.ofStrings(settings().producer())) {
            ProducerRecord<String, String> row = new ProducerRecord<>("of-rows", 2, "2006-12-20", "{}");
            row.headers().add(RowHeader.NAME, RowHeader.value("bills-hourly", 1));
            producer.send(row).get();
        }

        Cli refused = withConfig("validate", job);

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("of-rows[2] has a row of job bills-hourly at offset", "input.rows: count");
        assertThat(withConfig("validate", job, "--set", "input.rows=count").exitCode())
                .isZero();
    }

    @Test
    void validateAdvisesAboutAWideTopicWhereItIsToldAboutKafka() throws IOException {
        sample("wide", "--readings", "1", "--partitions", "101");
        String job = Files.writeString(folder.resolve("wide.yaml"), Cli.VOLTAGE.replace("airflow-input-topic", "wide"))
                .toString();

        assertThat(withConfig("validate", job).out())
                .contains(
                        "  partitions    101\n",
                        "Advice: wide has 101 partitions",
                        "partitionsPerSlice: 8 there are 13 slices");
        assertThat(withConfig("validate", job, "--set", "partitionsPerSlice=8").out())
                .contains("  partitions    101\n")
                .doesNotContain("Advice");
        assertThat(withConfig("validate", job, "--json").out())
                .contains("\"partitions\":101,\"advisedPartitionsPerSlice\":8");
        assertThat(Cli.run("validate", job).out()).doesNotContain("partitions    ");
    }

    @Test
    void resultsAreTheLastCommittedValueOfEachKeyAndPartition() throws IOException {
        String job = job("committed");
        Cli missing = results(job);
        sample("committed", "--readings", "1", "--partitions", "2");
        try (Producer<String, String> producer = producer("tx")) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, 0, "2006-12-22", 1);
            send(producer, 0, "2006-12-23", 2);
            send(producer, 1, "2006-12-22", 3);
            send(producer, 1, "2006-12-24", 4);
            producer.commitTransaction();
            producer.beginTransaction();
            send(producer, 0, "2006-12-22", 10);
            producer.send(new ProducerRecord<>("committed", 1, "2006-12-24", null));
            producer.commitTransaction();
            producer.beginTransaction();
            send(producer, 0, "2006-12-22", 666);
            producer.abortTransaction();
            producer.beginTransaction();
            send(producer, 0, "2006-12-23", 667);
            producer.flush();

            Cli all = results(job);
            Cli one = results(job, "--partition", "0", "--json", "--limit", "1");

            assertThat(all.out())
                    .contains("2006-12-22          0       10")
                    .contains("2006-12-22          1        3")
                    .contains("2006-12-23          0        2")
                    .doesNotContain("2006-12-24")
                    .doesNotContain("66");
            assertThat(one.out())
                    .matches("\\{\"partition\":0,\"offset\":\\d+,\"key\":\"2006-12-22\",\"value\":"
                            + "\\{\"date\":\"2006-12-22\",\"voltage\":10}}\n");
            assertThat(one.err()).isEqualTo("1 more row; --limit 2 shows all\n");
            producer.abortTransaction();
        }
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err())
                .isEqualTo("error: there is no topic committed at " + kafka.bootstrapServers()
                        + "; the first run of a job creates its output\n");
        assertThat(results(job, "--partition", "2").err())
                .isEqualTo("error: committed has no partition 2: its partitions are 0 to 1\n");
    }

    @Test
    void aLimitReadsOnlyTheRowsWrittenLast() throws IOException {
        String job = job("many");
        try (Topics topics = new Topics(settings());
                Producer<String, String> producer = producer("writer")) {
            topics.create("many", 2);
            producer.initTransactions();
            producer.beginTransaction();
            for (int i = 0; i < 9_000; i++) {
                // The last 3,000 records of each partition correct two rows again and again.
                int row = i < 3_000 ? i : i % 4;
                producer.send(
                        new ProducerRecord<>("many", i % 2, "key-%04d".formatted(row), "{\"voltage\":" + i + "}"));
            }
            producer.commitTransaction();
        }

        Rows few = OutputReader.read(settings(), "many", null, 3);
        Cli cli = results(job, "--limit", "3", "--json");

        assertThat(few.complete()).isFalse();
        assertThat(few.read()).hasSizeGreaterThanOrEqualTo(3).hasSizeLessThan(3_000);
        assertThat(few.latest())
                .extracting(OutputReader.Row::value)
                .contains("{\"voltage\":8999}", "{\"voltage\":8998}");
        assertThat(cli.out()).hasLineCount(3);
        assertThat(cli.err()).isEqualTo("these are the rows written last; a higher --limit shows more\n");
        assertThat(OutputReader.read(settings(), "many", null)).hasSize(3_000);
        assertThat(OutputReader.read(settings(), "many", null, 3_000).complete())
                .isTrue();
    }

    @Test
    void aTopicWithNothingButAbortedRecordsEndsAtOnce() throws IOException {
        String job = job("aborted");
        try (Topics topics = new Topics(settings());
                Producer<String, String> producer = producer("aborter")) {
            topics.create("aborted", 1);
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("aborted", 0, "k", "v"));
            producer.flush();
            producer.abortTransaction();
        }

        assertThat(results(job).out()).isEqualTo("no rows in aborted\n");
    }

    @Test
    @Timeout(12)
    void aBrokerThatDoesNotAnswerIsNamedWithTheFileThatNamesIt() throws IOException {
        int nobody = Ports.free();
        Path lost = Files.writeString(folder.resolve("lost.config"), """
                bootstrap.servers=127.0.0.1:%s
                request.timeout.ms=500
                default.api.timeout.ms=1000
                """.formatted(nobody));

        Cli cli = Cli.run("sample", "topic", "--kafka-config", lost.toString());

        assertThat(cli.exitCode()).isEqualTo(4);
        assertThat(cli.err())
                .isEqualTo("error: no Kafka broker answers at 127.0.0.1:" + nobody + " (from " + lost
                        + "); start the brokers, or correct bootstrap.servers. ./tidemark demo --keep starts a broker"
                        + " for trying out\n");
    }

    @Test
    void wrongSettingsAreExitCode2() throws IOException {
        Path wrong = Files.writeString(folder.resolve("wrong.config"), "bootstrap.servers\n");

        Cli cli = Cli.run("sample", "topic", "--kafka-config", wrong.toString());

        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.err()).isEqualTo("error: " + wrong + ":1: is not of the form key=value\n");
        assertThat(Cli.run(
                                "sample",
                                "topic",
                                "--kafka-config",
                                folder.resolve("none").toString())
                        .err())
                .isEqualTo("error: " + folder.resolve("none") + ": cannot be read\n");
        assertThat(sample("topic", "--days", "0").exitCode()).isEqualTo(2);
        assertThat(sample("topic", "--partitions", "0").exitCode()).isEqualTo(2);
    }

    private static void send(Producer<String, String> producer, int partition, String date, int voltage) {
        producer.send(new ProducerRecord<>(
                "committed", partition, date, "{\"date\":\"" + date + "\",\"voltage\":" + voltage + "}"));
    }

    private static Producer<String, String> producer(String transactionalId) {
        Map<String, Object> settings = settings().producer();
        settings.put("transactional.id", transactionalId);
        return Producers.ofStrings(settings);
    }

    private static KafkaSettings settings() {
        return KafkaSettings.of(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    private static String job(String output) throws IOException {
        return Files.writeString(folder.resolve(output + ".yaml"), Cli.VOLTAGE.replace("airflow-output-topic", output))
                .toString();
    }

    private static Cli sample(String... arguments) {
        return withConfig("sample", arguments);
    }

    private static Cli results(String job, String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = job;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return withConfig("results", all);
    }

    private static Cli withConfig(String command, String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = command;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[arguments.length + 1] = "--kafka-config";
        all[arguments.length + 2] = config.toString();
        return Cli.run(all);
    }
}
