package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleBackfill;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.client.schedules.ScheduleHandle;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.ScheduleSpec;
import io.temporal.client.schedules.ScheduleState;
import io.tidemark.embedded.Producers;
import io.tidemark.job.JobNames;
import io.tidemark.run.RunSummary;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.worker.TidemarkWorker;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A settlement as in {@code jobs/vendor-settlement.yaml}, over a few days: a schedule at 02:30 in Kolkata, days that are closed
 * 26 hours after their end. The days are in the past; a backfill starts the run of each of them.
 */
@Timeout(180)
class SettlementIT {
    private static final ZoneId ZONE = ZoneId.of("Asia/Kolkata");

    private final Scene scene = new Scene();

    @TempDir
    Path staging;

    @Test
    void aDayGetsItsRowsWithTheRunOfTheDayAfterNextAndLaterBillsAreDeadLetters() {
        // The bills have timestamps of last year, which retention would remove.
        try (Rig rig = Rig.with(2, Map.of("retention.ms", "-1"), SettlementIT::settle);
                Bills bills = new Bills(rig);
                Runs runs = new Runs(rig, scene.taskQueue());
                TidemarkWorker worker = scene.worker(staging)) {
            bills.arrive("2025-11-03T09:00", 0, "2025-11-03T08:59", "acme", 10);
            bills.arrive("2025-11-03T23:00", 1, "2025-11-03T22:00", "zenit", 7);
            bills.arrive("2025-11-04T01:00", 0, "2025-11-04T00:30", "acme", 100);

            RunSummary day4 = runs.at("2025-11-04T02:30");

            assertThat(day4.counts().folded()).isEqualTo(3);
            assertThat(rig.history()).as("rows on the morning after").isEmpty();

            // From here on, partition 1 is idle until its day is settled.
            bills.arrive("2025-11-04T20:00", 0, "2025-11-03T23:59", "acme", 5);
            bills.arrive("2025-11-05T02:15", 0, "2025-11-03T12:00", "nadir", 2);
            bills.arrive("2025-11-05T02:20", 0, "2025-11-04T18:00", "acme", 50);
            bills.arrive("2025-11-05T02:31", 0, "2025-11-03T10:00", "acme", 1_000);

            RunSummary day5 = runs.at("2025-11-05T02:30");

            assertThat(day5.finalRows()).isEqualTo(3);
            assertThat(day5.counts().late())
                    .as("the bill of 02:31 is not read yet")
                    .isZero();
            assertThat(amounts(rig))
                    .containsExactly(
                            Map.entry("0/2025-11-03/acme", 15.0),
                            Map.entry("0/2025-11-03/nadir", 2.0),
                            Map.entry("1/2025-11-03/zenit", 7.0));
            Guarantees.offsetsAreThoseOfTheState(rig);
            assertThat(rig.groupOffsets()).isEqualTo(Map.of(0, 5L, 1, 1L));

            bills.arrive("2025-11-05T10:00", 1, "2025-11-03T10:00", "zenit", 2_000);
            bills.arrive("2025-11-05T11:00", 1, "2025-11-05T11:00", "zenit", 9);

            RunSummary day6 = runs.at("2025-11-06T02:30");

            assertThat(List.of(
                            day6.finalRows(),
                            day6.closedWindows(),
                            day6.counts().late(),
                            day6.counts().folded()))
                    .containsExactly(1L, 1L, 2L, 1L);
            assertThat(amounts(rig))
                    .containsExactly(
                            Map.entry("0/2025-11-03/acme", 15.0),
                            Map.entry("0/2025-11-03/nadir", 2.0),
                            Map.entry("0/2025-11-04/acme", 150.0),
                            Map.entry("1/2025-11-03/zenit", 7.0));
            assertThat(deadLetters(rig)).containsExactly("0/5 LATE", "1/1 LATE");
            Guarantees.offsetsAreThoseOfTheState(rig);
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());

            // A run without new bills closes the last day too.
            RunSummary day7 = runs.at("2025-11-07T02:30");

            assertThat(List.of(day7.finalRows(), day7.offsetsDone())).containsExactly(1L, 0L);
            assertThat(amounts(rig)).hasSize(5).contains(Map.entry("1/2025-11-05/zenit", 9.0));
            assertThat(rig.progress().values())
                    .allSatisfy(each ->
                            assertThat(each.cells()).as("cells of closed days").isZero());
        }
    }

    private static void settle(ObjectNode job) {
        ObjectNode input = job.withObject("/input").put("until", "nominal");
        input.putObject("timestamp").put("field", "issued").put("format", "iso").put("zone", ZONE.getId());
        job.withObject("/window").put("zone", ZONE.getId());
        job.putObject("close").put("after", "26h");
        job.putArray("groupBy").add("vendor");
        job.putObject("aggregate").put("bills", "count").putObject("amount").put("sum", "amount");
        job.withObject("/output").put("key", "{date}/{vendor}").put("emit", "final");
    }

    /** Returns the amount of each row, and fails if a key has several rows or a row is not final. */
    private static Map<String, Double> amounts(Rig rig) {
        List<ConsumerRecord<byte[], byte[]>> records = rig.readAll(rig.output());
        assertThat(records)
                .allSatisfy(each -> assertThat(header(each, "tidemark.final")).isEqualTo("true"));
        Map<String, Double> amounts = new TreeMap<>();
        rig.history()
                .forEach(row -> amounts.put(
                        row.partition() + "/" + row.key(),
                        row.value().get("amount").doubleValue()));
        assertThat(records).as("one row of each key").hasSameSizeAs(amounts.keySet());
        return amounts;
    }

    private static List<String> deadLetters(Rig rig) {
        return rig.readAll(JobNames.deadLetterTopic(rig.output())).stream()
                .map(each -> header(each, "tidemark.partition") + "/" + header(each, "tidemark.offset") + " "
                        + header(each, "tidemark.reason"))
                .sorted()
                .toList();
    }

    private static String header(ConsumerRecord<?, ?> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static Instant instant(String local) {
        return LocalDateTime.parse(local).atZone(ZONE).toInstant();
    }

    /** Writes bills with the Kafka timestamp of their arrival. Times are local. */
    private static final class Bills implements AutoCloseable {
        private final String topic;
        private final KafkaProducer<byte[], byte[]> producer;

        Bills(Rig rig) {
            topic = rig.input();
            producer = Producers.ofBytes(rig.clientSettings());
        }

        void arrive(String arrival, int partition, String issued, String vendor, int amount) {
            String value = "{\"issued\":\"" + issued + "\",\"vendor\":\"" + vendor + "\",\"amount\":" + amount + "}";
            producer.send(new ProducerRecord<>(
                    topic, partition, instant(arrival).toEpochMilli(), null, value.getBytes(StandardCharsets.UTF_8)));
            producer.flush();
        }

        @Override
        public void close() {
            producer.close();
        }
    }

    /** A schedule at 02:30, whose past runs are started one by one. */
    private static final class Runs implements AutoCloseable {
        private final String workflowId = "settlement-" + UUID.randomUUID();
        private final ScheduleHandle schedule;

        Runs(Rig rig, String taskQueue) {
            ScheduleClient client = ScheduleClient.newInstance(
                    Scene.client().getWorkflowServiceStubs(),
                    ScheduleClientOptions.newBuilder()
                            .setNamespace(Scene.client().getOptions().getNamespace())
                            .build());
            schedule = client.createSchedule(
                    workflowId,
                    Schedule.newBuilder()
                            .setAction(ScheduleActionStartWorkflow.newBuilder()
                                    .setWorkflowType(KafkaBatchWorkflow.TYPE)
                                    .setArguments(rig.job().toJson())
                                    .setOptions(Scene.options(taskQueue)
                                            .setWorkflowId(workflowId)
                                            .build())
                                    .build())
                            .setSpec(ScheduleSpec.newBuilder()
                                    .setCronExpressions(List.of("30 2 * * *"))
                                    .setTimeZoneName(ZONE.getId())
                                    .build())
                            // Paused: only backfills start runs, whatever the time of the test.
                            .setState(ScheduleState.newBuilder().setPaused(true).build())
                            .build(),
                    ScheduleOptions.newBuilder().build());
        }

        /** Starts the run of a local time, and returns its summary. */
        RunSummary at(String local) {
            int before = schedule.describe().getInfo().getRecentActions().size();
            Instant time = instant(local);
            schedule.backfill(
                    List.of(new ScheduleBackfill(time.minus(Duration.ofHours(1)), time.plus(Duration.ofHours(1)))));
            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            schedule.describe().getInfo().getRecentActions().size() > before);
            // The id is that of the action, and the time of the schedule.
            return Scene.result(Scene.client().newUntypedWorkflowStub(workflowId + "-" + time));
        }

        @Override
        public void close() {
            schedule.delete();
        }
    }
}
