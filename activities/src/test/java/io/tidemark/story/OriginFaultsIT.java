package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.stage.StagingArea;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.Crash;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.Zombie;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The faults of the tutorial's job (docs/origin.md), one by one. */
@LifecycleSuite
@Timeout(60)
class OriginFaultsIT {

    @Test
    void fault01ACrashBetweenAnyTwoStepsLosesNoBatch() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            assertThatThrownBy(() -> rig.newRun(Crash.at(Point.CONSUME_STAGED)).all())
                    .isInstanceOf(Crash.class);
            assertThat(rig.groupOffsets())
                    .as("nothing is committed before its rows")
                    .isEqualTo(Map.of(0, 0L));

            rig.runAll();

            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void fault02TheLoopEndsWhereNoRecordIs() {
        try (Rig rig = Rig.voltage(2)) {
            // The last offset of a transactional topic is a control record; OddTopicsIT has the other kinds.
            rig.runAll();
            assertThat(rig.runAll().plan().ranges()).isEmpty();
        }
    }

    @Test
    void fault03TheOnlyRecordOfANewPartitionIsReadEvenAfterAFailedFirstRun() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 1);
            assertThatThrownBy(() ->
                            rig.newRun(Crash.at(Point.PLAN_AFTER_REGISTRATION)).all())
                    .isInstanceOf(Crash.class);

            rig.runAll();

            assertThat(rig.rows().values())
                    .singleElement()
                    .satisfies(row -> assertThat(row.get("count").intValue()).isEqualTo(1));
        }
    }

    @Test
    void fault04ARetryDoublesNothingAndARunEmitsOnlyTheDaysThatItTouched() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 3000);
            StepwiseRun first = rig.newRun();
            first.delta(0);
            first.chain(0, first.slices().get(0));
            first.commit();
            int before = rig.history().size();
            rig.send(0, 3000, 3010);

            rig.runAll();

            assertThat(rig.history())
                    .as("one more row: that of the day of the new readings")
                    .hasSize(before + 1);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void fault05DaysWithoutReadingsHaveNoRow() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(
                    0,
                    List.of(
                            new Reading("23/12/2006 10:00:00", new BigDecimal("240")),
                            new Reading("26/12/2006 10:00:00", new BigDecimal("241"))));

            rig.runAll();

            assertThat(rig.rows().keySet()).containsExactly("0/2006-12-23", "0/2006-12-26");
        }
    }

    @Test
    void fault06TheMeanIsANumber() {
        try (Rig rig = Rig.with(1, json -> json.withObject("/aggregate").remove("count"))) {
            rig.send(0, List.of(new Reading("23/12/2006 16:52:00", new BigDecimal("239.94"))));

            rig.runAll();

            assertThat(rig.history()).singleElement().satisfies(row -> {
                assertThat(row.key()).isEqualTo("2006-12-23");
                assertThat(row.value().toString()).isEqualTo("{\"date\":\"2006-12-23\",\"voltage\":239.94}");
            });
        }
    }

    @Test
    void fault07TheFilesOfARunAreAFewWhateverTheNumberOfRecords() throws IOException {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 5000);
            StepwiseRun run = rig.newRun();
            run.delta(0);

            try (var files = Files.walk(rig.staging().folder())) {
                assertThat(files.filter(Files::isRegularFile)).hasSize(1);
            }
        }
    }

    @Test
    void fault08ABadRecordIsSetAsideAndThePartitionGoesOn() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 5);
            for (String bad : List.of(
                    "hello",
                    "{\"datetime\":\"23/12/2006 16:52:00\"}",
                    "{\"datetime\":\"23/12/2006 16:52:00\",\"voltage\":\"239.94\"}",
                    "{\"datetime\":\"2006-12-23\",\"voltage\":239.94}",
                    "{\"datetime\":\"23/12/2006 16:52:00\",\"voltage\":1e999}")) {
                rig.sendRaw(0, bad.getBytes(StandardCharsets.UTF_8));
            }
            rig.sendRaw(0, null);
            rig.flush();
            rig.sendRaw(0, "good bye".getBytes(StandardCharsets.UTF_8));
            rig.send(0, 5, 9);

            StepwiseRun run = rig.runAll();

            Guarantees.rowsAreThoseOf(rig, rig.sent());
            assertThat(run.verdicts())
                    .singleElement()
                    .satisfies(verdict -> assertThat(verdict.counts().reasons())
                            .isEqualTo(Map.of(
                                    "NOT_JSON",
                                    2L,
                                    "FIELD_MISSING",
                                    1L,
                                    "WRONG_TYPE",
                                    1L,
                                    "BAD_TIME",
                                    1L,
                                    "NOT_FINITE",
                                    1L,
                                    "NULL_VALUE",
                                    1L)));
            List<ConsumerRecord<byte[], byte[]>> letters = CommittedRecords.read(rig.output() + ".dead-letter");
            assertThat(letters)
                    .extracting(each -> header(each, "tidemark.reason"))
                    .containsExactly(
                            "NOT_JSON",
                            "FIELD_MISSING",
                            "WRONG_TYPE",
                            "BAD_TIME",
                            "NOT_FINITE",
                            "NULL_VALUE",
                            "NOT_JSON");
            assertThat(letters)
                    .extracting(each -> header(each, "tidemark.offset"))
                    .containsExactly("5", "6", "7", "8", "9", "10", "11");
            assertThat(letters.get(0).value()).isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
            assertThat(letters.get(5).value()).isNull();
            assertThat(header(letters.get(0), "tidemark.topic")).isEqualTo(rig.input());
            assertThat(header(letters.get(0), "tidemark.partition")).isEqualTo("0");
            assertThat(header(letters.get(0), "tidemark.timestamp")).matches("\\d+");
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    @Test
    void fault09ATopicThatWasCreatedAgainIsNoticed() throws Exception {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            rig.runAll();
            Rig.get(rig.admin().deleteTopics(List.of(rig.input())).all());
            recreate(rig);
            rig.send(0, 0, 30);

            assertThatThrownBy(() -> rig.newRun().plan()).isInstanceOfSatisfying(TidemarkException.class, failure -> {
                assertThat(failure.kind()).isEqualTo(FailureKind.TOPIC_RECREATED);
                assertThat(failure).hasMessageContaining(rig.input()).hasMessageContaining("new name");
            });
        }
    }

    private static void recreate(Rig rig) throws Exception {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (true) {
            try {
                rig.admin()
                        .createTopics(List.of(new NewTopic(rig.input(), 1, (short) 1)))
                        .all()
                        .get();
                return;
            } catch (ExecutionException e) {
                // The old one is still being deleted.
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
        }
    }

    @Test
    void fault10ADeliveryThatFailsFailsTheStep() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            // The output now rejects every row as too large, but not the marker of the aborted transaction: 78 bytes.
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, rig.output());
            Rig.get(rig.admin()
                    .incrementalAlterConfigs(Map.of(
                            resource,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("max.message.bytes", "100"), AlterConfigOp.OpType.SET))))
                    .all());

            assertThatThrownBy(() -> run.produce(0, delta))
                    .isInstanceOfSatisfying(
                            TidemarkException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(FailureKind.RECORD_TOO_LARGE));

            assertThat(rig.rows()).isEmpty();
            assertThat(rig.progress().get(0).through()).isZero();
        }
    }

    @Test
    void fault11AnotherMachineGoesOnWhereTheFirstEnded(@TempDir Path otherMachine) throws Exception {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            rig.runAll();
            rig.send(0, 10, 20);

            rig.newRun().stagingIn(new StagingArea(otherMachine)).all();

            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void fault12TwoRunsAtTheSameTimeDoNotMeetInTheirFilesAndCountOnce() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 100);
            Zombie<StepwiseRun> other = Zombie.asleepAt(
                    Point.AGGREGATE_STAGED, points -> rig.newRun(points).all());
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            assertThat(other.wake()).isNull();

            assertThat(run.produce(0, delta))
                    .extracting(PartitionVerdict::verdict)
                    .containsExactly(Verdict.DONE_BEFORE);
            run.commit();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void fault13KeysArePlainText() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 3);
            rig.runAll();
            assertThat(rig.history()).extracting(Rig.Row::key).containsOnly("2006-12-23");
        }
    }

    @Test
    void fault14SecretsOfTheSettingsFileAppearInNoMessage(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("kafka_server.config"), """
                bootstrap.servers=localhost:1
                security.protocol=SASL_SSL
                sasl.mechanisms=PLAIN
                sasl.username=planted-user
                sasl.password=planted-secret
                """);
        KafkaSettings settings = KafkaSettings.load(file, null, null);

        assertThat(settings.toString()).doesNotContain("planted-secret", "planted-user");
        assertThat(settings.warnings().toString()).doesNotContain("planted-secret");
    }

    @Test
    void fault15DaysHaveAZoneWith23And25Hours() {
        // 2024-03-31 and 2024-10-27 are the days on which Berlin changes its clocks.
        try (Rig rig = Rig.with(1, json -> {
            json.withObject("/window").put("zone", "Europe/Berlin");
            json.withObject("/input")
                    .set("timestamp", json.objectNode().put("field", "t").put("format", "iso"));
        })) {
            for (String day : List.of("2024-03-30", "2024-03-31", "2024-10-26", "2024-10-27")) {
                sendHours(rig, day);
            }
            rig.flush();

            rig.runAll();

            Map<String, Long> counts = rig.rows().entrySet().stream()
                    .collect(Collectors.toMap(
                            each -> each.getValue().get("date").textValue(),
                            each -> each.getValue().get("count").longValue()));
            assertThat(counts).containsEntry("2024-03-31", 23L).containsEntry("2024-10-27", 25L);
        }
    }

    /** Sends a reading for each hour of a day in UTC. */
    private static void sendHours(Rig rig, String day) {
        Instant start = Instant.parse(day + "T00:00:00Z");
        for (int hour = 0; hour < 24; hour++) {
            String value = "{\"t\":\"" + start.plusSeconds(hour * 3600L) + "\",\"voltage\":240}";
            rig.sendRaw(0, value.getBytes(StandardCharsets.UTF_8));
        }
    }
}
