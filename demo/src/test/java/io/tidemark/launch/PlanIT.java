package io.tidemark.launch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.cli.Main;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.Ports;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code plan}, as a person or a program calls it, against a broker. */
@Timeout(60)
class PlanIT {
    private static final String JOB = "../jobs/voltage-daily.yaml";

    private static EmbeddedKafka kafka;

    @TempDir
    static Path folder;

    @BeforeAll
    static void startBroker() {
        kafka = EmbeddedKafka.startDefault();
    }

    @AfterAll
    static void stopBroker() {
        kafka.close();
    }

    private record Answer(int exitCode, String out, String err) {
        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(out);
        }
    }

    private static Answer tidemark(String... arguments) throws IOException {
        return tidemarkAt(kafka.bootstrapServers(), arguments);
    }

    private static Answer tidemarkAt(String servers, String... arguments) throws IOException {
        Path config = Files.writeString(folder.resolve("kafka_server.config"), "bootstrap.servers=" + servers + "\n");
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--kafka-config", config.toString()));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode =
                Main.run(PlanMain::preview, new PrintWriter(out), new PrintWriter(err), all.toArray(new String[0]));
        return new Answer(exitCode, out.toString(), err.toString());
    }

    @Test
    void aFirstRunIsForetoldInTextAndInJson() throws IOException {
        tidemark("sample", "fresh", "--readings", "1000", "--partitions", "4", "--bad", "3");

        Answer text = tidemark("plan", JOB, "--set", "input.topic=fresh");
        Answer json = tidemark("plan", JOB, "--set", "input.topic=fresh", "--json", "--all");

        assertThat(text.err()).isEmpty();
        assertThat(text.exitCode()).isZero();
        assertThat(text.out())
                .startsWith("voltage-daily: a run would read 1,003 offsets of fresh\n")
                .contains(
                        "  run          the first one of the job\n",
                        "  partitions   4: 4 with new offsets, 0 with nothing new, 0 refused\n",
                        "  creates      topic airflow-output-topic\n",
                        "partition  from  next  offsets  first (UTC)       last (UTC)\n",
                        "warning: the job has no close");
        assertThat(json.exitCode()).isZero();
        assertThat(json.json().path("offsets").asLong()).isEqualTo(1_003);
        assertThat(json.json().path("details")).hasSize(4);
        // The records have the time at which the producer made them.
        assertThat(json.json().path("firstTime").asText()).startsWith("20");
        assertThat(tidemark("plan", JOB, "--set", "input.topic=fresh").out())
                .as("a second preview, because the first had no effect")
                .contains("the first one of the job");
    }

    @Test
    void aRunThatWouldBeRefusedIsExitCode1WithTheReasonOfTheRun() throws IOException {
        Answer text = tidemark("plan", JOB, "--set", "input.topic=nowhere");
        Answer json = tidemark("plan", JOB, "--set", "input.topic=nowhere", "--json");

        assertThat(text.exitCode()).isEqualTo(1);
        assertThat(text.out()).isEmpty();
        assertThat(text.err())
                .startsWith(
                        "error: a run would fail: TOPIC_MISSING: input topic nowhere does not exist in the cluster at "
                                + kafka.bootstrapServers());
        assertThat(json.exitCode()).isEqualTo(1);
        assertThat(json.json().path("error").path("kind").asText()).isEqualTo("TOPIC_MISSING");
    }

    @Test
    void startOfAGroupThatLacksAPartitionIsRefusedAsByTheRun() throws IOException {
        tidemark("sample", "grouped", "--readings", "10", "--partitions", "1");

        Answer refused = tidemark("plan", JOB, "--set", "input.topic=grouped", "--set", "start=group");

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err())
                .contains("INVALID_JOB: start: group tidemark-voltage-daily has no offset for grouped[0]");
    }

    @Test
    void retentionBeforeTheFirstRunIsNoLoss() throws Exception {
        tidemark("sample", "short", "--readings", "100", "--partitions", "1");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.deleteRecords(Map.of(new TopicPartition("short", 0), RecordsToDelete.beforeOffset(40)))
                    .all()
                    .get();
        }

        JsonNode json =
                tidemark("plan", JOB, "--set", "input.topic=short", "--json").json();

        assertThat(json.path("lost").asLong()).isZero();
        assertThat(json.path("details").get(0).path("from").asLong()).isEqualTo(40);
    }

    @Test
    void aNominalTimeInTheFutureAndAMissingBrokerHaveTheCodesOfOtherCommands() throws IOException {
        assertThat(tidemark("plan", JOB, "--at", "2999-01-01T00:00:00Z").exitCode())
                .isEqualTo(2);
        Answer away = tidemarkAt("127.0.0.1:" + Ports.free(), "plan", JOB);
        assertThat(away.exitCode()).isEqualTo(4);
        assertThat(away.err()).startsWith("error: no Kafka broker answers at 127.0.0.1:");
    }
}
