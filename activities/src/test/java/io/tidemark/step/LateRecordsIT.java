package io.tidemark.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.csv.DeadLetter;
import io.tidemark.csv.DeadLetterCsv;
import io.tidemark.embedded.Producers;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.run.Closing;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedFile;
import io.tidemark.run.StagedRange;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.stage.StagedLostException;
import io.tidemark.state.Mark;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Records of closed windows, in each way to read them. Readings 0 to 1439 are of 23 December, then follows the 24th. */
@Timeout(60)
class LateRecordsIT {
    private static final int NEXT_DAY = 1440;
    private static final long SECOND_DAY = Instant.parse("2006-12-24T00:00:00Z").toEpochMilli();
    private static final Closing FIRST_IS_CLOSED = new Closing(SECOND_DAY, SECOND_DAY);

    private static void late(ObjectNode json, String policy) {
        json.withObject("/close").put("after", "1h").put("late", policy);
        // No late record is a bad one.
        json.put("badRecords", "fail");
    }

    private static Staged consume(Rig rig, ReaderKind reader, PartitionRange range) {
        StepwiseRun run = rig.newRun();
        SliceRef slice = run.slice(0);
        try (KafkaClients clients = new KafkaClients(
                KafkaSettings.of(Cluster.shared().product()),
                reader,
                Cluster.shared().retryTimes())) {
            return new ConsumeStep(clients, rig.staging(), "host", WorkerMemory.ofHeap(), Checkpoints.NONE)
                    .consume(slice, 0, List.of(range), StepProgress.NONE);
        }
    }

    private static List<DeadLetter> letters(Rig rig, @Nullable StagedFile file) throws StagedLostException {
        List<DeadLetter> letters = new ArrayList<>();
        if (file != null) {
            rig.staging().read(file, in -> DeadLetterCsv.read(in, letters::add));
        }
        return letters;
    }

    @ParameterizedTest
    @EnumSource
    void lateRecordsGoToTheDeadLetters(ReaderKind reader) throws StagedLostException {
        try (Rig rig = Rig.with(1, json -> late(json, "deadLetter"))) {
            rig.send(0, 0, 3);
            rig.send(0, NEXT_DAY, NEXT_DAY + 2);
            rig.send(0, 3, 4);

            Staged staged = consume(rig, reader, new PartitionRange(0, 0, 6, FIRST_IS_CLOSED));

            StagedRange read = staged.ranges().get(0);
            assertThat(List.of(
                            read.counts().folded(),
                            read.counts().late(),
                            read.counts().bad()))
                    .containsExactly(2L, 4L, 0L);
            assertThat(read.counts().offsets()).isEqualTo(6);
            assertThat(read.range()).isEqualTo(new PartitionRange(0, 0, 6, FIRST_IS_CLOSED));
            assertThat(read.eventTime())
                    .isEqualTo(SECOND_DAY + Duration.ofMinutes(1).toMillis());
            assertThat(staged.cells().rows()).as("windows with totals").isEqualTo(1);
            assertThat(letters(rig, staged.deadLetters()))
                    .extracting(DeadLetter::offset, DeadLetter::reason)
                    .containsExactly(tuple(0L, "LATE"), tuple(1L, "LATE"), tuple(2L, "LATE"), tuple(5L, "LATE"));
            assertThat(letters(rig, staged.deadLetters()).get(0).value())
                    .isEqualTo(Reading.number(0).json().getBytes(StandardCharsets.UTF_8));
        }
    }

    @ParameterizedTest
    @EnumSource
    void lateRecordsAreOnlyCounted(ReaderKind reader) throws StagedLostException {
        try (Rig rig = Rig.with(1, json -> late(json, "count"))) {
            rig.send(0, 0, 3);
            rig.send(0, NEXT_DAY, NEXT_DAY + 2);

            Staged staged = consume(rig, reader, new PartitionRange(0, 0, 5, FIRST_IS_CLOSED));

            StagedRange read = staged.ranges().get(0);
            assertThat(List.of(read.counts().folded(), read.counts().late())).containsExactly(2L, 3L);
            assertThat(staged.deadLetters()).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRangeWithoutOffsetsReadsNothing(ReaderKind reader) {
        Closing closing = new Closing(Mark.NOTHING_CLOSED, SECOND_DAY);
        try (Rig rig = Rig.with(2, json -> late(json, "count"))) {
            rig.send(0, 0, 3);
            rig.send(1, 0, 3);

            Staged staged = consume(rig, reader, new PartitionRange(0, 3, 3, closing));

            StagedRange read = staged.ranges().get(0);
            assertThat(read.range()).isEqualTo(new PartitionRange(0, 3, 3, closing));
            assertThat(read.eventTime()).isNull();
            assertThat(staged.cells().rows()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTimeFarAheadOfTheRecordsOwnIsBad(ReaderKind reader) throws StagedLostException {
        try (Rig rig = Rig.with(
                        1,
                        json -> json.withObject("/close")
                                .put("after", "1h")
                                .put("by", "eventTime")
                                .put("maxAhead", "10m"));
                var writer = Producers.ofBytes(rig.clientSettings())) {
            // Readings of minute 0, whose producer's clock says so, and of ten and eleven minutes later.
            for (int minute : List.of(0, 10, 11)) {
                var unused = writer.send(new ProducerRecord<>(
                        rig.input(),
                        0,
                        SECOND_DAY,
                        null,
                        Reading.number(NEXT_DAY + minute).json().getBytes(StandardCharsets.UTF_8)));
            }
            writer.flush();

            Staged staged = consume(
                    rig, reader, new PartitionRange(0, 0, 3, new Closing(Mark.NOTHING_CLOSED, Mark.NOTHING_CLOSED)));

            StagedRange read = staged.ranges().get(0);
            assertThat(List.of(read.counts().folded(), read.counts().bad())).containsExactly(2L, 1L);
            assertThat(read.eventTime())
                    .isEqualTo(SECOND_DAY + Duration.ofMinutes(10).toMillis());
            assertThat(letters(rig, staged.deadLetters()))
                    .extracting(DeadLetter::offset, DeadLetter::reason)
                    .containsExactly(tuple(2L, "AHEAD_OF_TIME"));
        }
    }
}
