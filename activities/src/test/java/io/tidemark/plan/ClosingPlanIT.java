package io.tidemark.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.embedded.Producers;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.run.Closing;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.state.Mark;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What plans close, with records, timestamps and transactions of other producers in a real broker. */
@Timeout(60)
class ClosingPlanIT {
    /** The nominal time of the runs. All readings are of 2006. */
    private static final Instant NOMINAL = Instant.now().minus(Duration.ofHours(1));

    private static final Closing OPEN = new Closing(Mark.NOTHING_CLOSED, Mark.NOTHING_CLOSED);
    /** Closes the days that ended at least a day before the nominal time. */
    private static final Closing CLOSING = new Closing(
            Mark.NOTHING_CLOSED,
            NOMINAL.minus(Duration.ofDays(1)).truncatedTo(ChronoUnit.DAYS).toEpochMilli());

    private static void closing(ObjectNode json) {
        json.withObject("/close").put("after", "1d");
    }

    /** A producer whose records have timestamps of their own, in transactions if it has an id. */
    private static KafkaProducer<byte[], byte[]> writer(Rig rig, boolean transactional) {
        Properties settings = rig.clientSettings();
        if (transactional) {
            settings.put("transactional.id", "writer-of-" + rig.input());
        }
        var producer = Producers.ofBytes(settings);
        if (transactional) {
            producer.initTransactions();
            producer.beginTransaction();
        }
        return producer;
    }

    /** Writes {@code records} readings with timestamps so long after the nominal time. */
    private static void write(
            KafkaProducer<byte[], byte[]> writer, Rig rig, int partition, int records, Duration afterNominal) {
        for (Reading each :
                IntStream.range(0, records).mapToObj(Reading::number).toList()) {
            var unused = writer.send(new ProducerRecord<>(
                    rig.input(),
                    partition,
                    NOMINAL.plus(afterNominal).toEpochMilli(),
                    null,
                    each.json().getBytes(StandardCharsets.UTF_8)));
        }
        writer.flush();
    }

    private static final Duration BEFORE = Duration.ofMinutes(-1);
    private static final Duration AFTER = Duration.ofMinutes(1);

    @Test
    void aPartitionThatIsReadUpToTheNominalTimeCloses() {
        try (Rig rig = Rig.with(3, ClosingPlanIT::closing);
                var writer = writer(rig, false)) {
            write(writer, rig, 0, 3, BEFORE);
            write(writer, rig, 1, 3, BEFORE);
            write(writer, rig, 1, 2, AFTER);
            write(writer, rig, 2, 1, AFTER);

            RunPlan plan = rig.newRun().at(NOMINAL).plan();

            assertThat(plan.ranges())
                    .containsExactly(
                            new PartitionRange(0, 0, 3, CLOSING),
                            new PartitionRange(1, 0, 5, CLOSING),
                            new PartitionRange(2, 0, 1, CLOSING));
            assertThat(plan.warnings()).isEmpty();
        }
    }

    @Test
    void anOpenTransactionOfBeforeTheNominalTimeHoldsClosingBackAndIsNamed() {
        try (Rig rig = Rig.with(2, ClosingPlanIT::closing);
                var writer = writer(rig, false);
                var other = writer(rig, true)) {
            write(writer, rig, 0, 3, BEFORE);
            write(writer, rig, 1, 3, BEFORE);
            write(other, rig, 1, 1, BEFORE);

            RunPlan plan = rig.newRun().at(NOMINAL).plan();

            assertThat(plan.ranges())
                    .containsExactly(new PartitionRange(0, 0, 3, CLOSING), new PartitionRange(1, 0, 3, OPEN));
            assertThat(plan.warnings())
                    .singleElement()
                    .asString()
                    .contains(
                            "in 1 partition this run cannot read all records of before its nominal time, " + NOMINAL,
                            "closes no windows there",
                            rig.input() + "[1] has an open transaction of writer-of-" + rig.input());
        }
    }

    @Test
    void anOpenTransactionOfAfterTheNominalTimeHoldsNothingBack() {
        try (Rig rig = Rig.with(1, ClosingPlanIT::closing);
                var writer = writer(rig, false);
                var other = writer(rig, true)) {
            write(writer, rig, 0, 3, BEFORE);
            write(other, rig, 0, 1, AFTER);

            RunPlan plan = rig.newRun().at(NOMINAL).plan();

            assertThat(plan.ranges()).containsExactly(new PartitionRange(0, 0, 3, CLOSING));
            assertThat(plan.warnings()).isEmpty();
        }
    }

    @Test
    void anIdlePartitionClosesTheWindowsThatHaveTotals() {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(0, 0, 3);
            rig.runAll();
            JobSpec job = rig.jobWith(ClosingPlanIT::closing);

            assertThat(rig.newRun(job, Checkpoints.NONE).at(NOMINAL).plan().ranges())
                    .as("the totals are of 2006")
                    .containsExactly(new PartitionRange(0, 3, 3, CLOSING));
            Instant early = Instant.parse("2006-12-24T12:00:00Z");
            assertThat(rig.newRun(job, Checkpoints.NONE).at(early).plan().ranges())
                    .as("at a time at which their window takes records")
                    .isEmpty();
        }
    }

    @Test
    void aPartitionThatABudgetCutsClosesNothing() {
        try (Rig rig = Rig.with(3, json -> {
                    closing(json);
                    json.withObject("/limits").put("offsetsPerRun", 4);
                });
                var writer = writer(rig, false)) {
            write(writer, rig, 0, 5, BEFORE);
            write(writer, rig, 1, 4, BEFORE);

            assertThat(rig.newRun().at(NOMINAL).plan().ranges())
                    .containsExactly(new PartitionRange(0, 0, 4, OPEN), new PartitionRange(1, 0, 4, CLOSING));
        }
    }

    @Test
    void aBudgetKeepsThePartitionsThatOnlyClose() {
        try (Rig rig = Rig.voltage(3)) {
            rig.send(0, 0, 3);
            rig.send(1, 0, 3);
            rig.runAll();
            rig.send(1, 3, 9);
            JobSpec job = rig.jobWith(json -> {
                closing(json);
                json.withObject("/budget").put("records", 2);
            });

            RunPlan plan = rig.newRun(job, Checkpoints.NONE).at(NOMINAL).plan();

            assertThat(plan.ranges())
                    .containsExactly(new PartitionRange(0, 3, 3, CLOSING), new PartitionRange(1, 3, 5, OPEN));
            assertThat(List.of(plan.left(), (long) plan.waiting())).containsExactly(4L, 0L);
        }
    }

    @Test
    void untilNominalARunEndsBeforeTheFirstLaterRecord() {
        try (Rig rig = Rig.with(2, json -> {
                    closing(json);
                    json.withObject("/input").put("until", "nominal");
                });
                var writer = writer(rig, false);
                var other = writer(rig, true)) {
            write(writer, rig, 0, 3, BEFORE);
            write(writer, rig, 0, 2, AFTER);
            write(writer, rig, 0, 2, BEFORE);
            write(writer, rig, 1, 3, BEFORE);
            write(other, rig, 1, 1, BEFORE);
            write(writer, rig, 1, 1, AFTER);

            RunPlan plan = rig.newRun().at(NOMINAL).plan();

            assertThat(plan.ranges())
                    .as("the second is held back by a transaction")
                    .containsExactly(new PartitionRange(0, 0, 3, CLOSING), new PartitionRange(1, 0, 3, OPEN));
            assertThat(plan.warnings())
                    .singleElement()
                    .asString()
                    .contains("in 1 partition", "The next run reads the rest");
        }
    }

    @Test
    void theStateTopicIsCompactedAfterADayAndLateRecordsHaveATopic() {
        try (Rig rig = Rig.with(1, json -> {
            closing(json);
            json.put("badRecords", "skip");
        })) {
            rig.newRun().plan();

            TopicCatalog catalog = new TopicCatalog(rig.clients());
            assertThat(catalog.settings(List.of(rig.stateTopic())).get(rig.stateTopic()))
                    .containsAllEntriesOf(Map.of(
                            "cleanup.policy", "compact",
                            "min.compaction.lag.ms", "86400000",
                            "max.compaction.lag.ms", "86400000",
                            "segment.ms", "86400000"));
            assertThat(catalog.find(JobNames.deadLetterTopic(rig.output()))).isPresent();

            rig.configure(rig.stateTopic(), "segment.ms", "604800000");
            assertThat(rig.newRun().plan().warnings())
                    .singleElement()
                    .asString()
                    .contains(
                            rig.stateTopic() + " has segment.ms=604800000",
                            "kafka-configs.sh --alter --entity-type topics --entity-name " + rig.stateTopic()
                                    + " --add-config max.compaction.lag.ms=86400000,min.compaction.lag.ms=86400000,"
                                    + "segment.ms=86400000");
        }
    }

    @Test
    void lateRecordsThatAreOnlyCountedNeedNoTopic() {
        try (Rig rig = Rig.with(1, json -> {
            json.withObject("/close").put("after", "1d").put("late", "count");
            json.put("badRecords", "skip");
        })) {
            rig.newRun().plan();

            assertThat(new TopicCatalog(rig.clients()).find(JobNames.deadLetterTopic(rig.output())))
                    .isEmpty();
        }
    }
}
