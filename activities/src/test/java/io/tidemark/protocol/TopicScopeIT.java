package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemark.embedded.Producers;
import io.tidemark.job.JobNames;
import io.tidemark.kafka.client.RetryTimes;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.ProgressCodec;
import io.tidemark.state.StateKeys;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Crash;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.TopicScope;
import io.tidemark.testkit.Zombie;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows over all partitions, on a real broker: the crash table of topic scope in docs/exactly-once.md, and what a plan refuses. */
@Execution(ExecutionMode.CONCURRENT)
class TopicScopeIT {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("dd/MM/yyyy");

    private static Rig rig(int partitions) {
        return Rig.with(partitions, TopicScope.rows());
    }

    /** A job whose plans wait a second only for what a transaction hides. */
    private static Rig impatient(int partitions) {
        RetryTimes times = Cluster.shared().retryTimes().withState(Duration.ofSeconds(1));
        return Rig.with(Cluster.shared().with(times), partitions, Map.of(), TopicScope.rows());
    }

    private static Rig afterAFirstRun() {
        Rig rig = rig(3);
        rig.send(0, 0, 50);
        rig.send(1, 0, 30);
        rig.runAll();
        rig.send(0, 50, 70);
        rig.send(2, 30, 90);
        return rig;
    }

    /** Readings of the first day whose row is in an output partition. */
    static List<Reading> of(Rig rig, int output, int readings) {
        LocalDate day = LocalDate.of(2006, 12, 1);
        while (rig.rowPartition(0, day.toString()) != output) {
            day = day.plusDays(1);
        }
        String date = DAY.format(day);
        return IntStream.range(0, readings)
                .mapToObj(n -> new Reading(date + " 10:00:%02d".formatted(n), BigDecimal.valueOf(23_000 + n, 2)))
                .toList();
    }

    private static String partials(Rig rig) {
        return JobNames.partialsTopic(rig.job());
    }

    private static List<PartitionVerdict> produce(Rig rig, StepwiseRun run, int slice, Staged delta, Point crash) {
        return new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), Crash.at(crash))
                .produce(run.slice(slice), delta, StepProgress.NONE)
                .verdicts();
    }

    @Test
    void aGroupHasOneRowOfAllPartitionsWhereThePartitionerOfKafkaPutsIt() {
        try (Rig rig = afterAFirstRun()) {
            Guarantees.noReaderSeesACountFall(rig);

            StepwiseRun run = rig.runAll();

            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.newRun().plan().ranges()).isEmpty();
            assertThat(run.totals().plan().ranges()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "PLAN_.*", mode = EnumSource.Mode.MATCH_ANY)
    void aPlanThatDiesAnywhereIsMadeGoodByTheNextRun(Point point) {
        try (Rig rig = rig(2)) {
            rig.send(0, 0, 50);
            rig.send(1, 0, 30);
            assertThatThrownBy(() -> rig.newRun(Crash.at(point)).all()).isInstanceOf(Crash.class);

            rig.runAll();

            Guarantees.holdAtTheEnd(rig);
        }
    }

    /** One job for all points, because each run continues where the last one died. */
    @Test
    void anAttemptOfStage1ThatDiesAnywhereIsMadeGoodByTheNextRun() {
        try (Rig rig = afterAFirstRun()) {
            int next = 100;
            for (Point point : EnumSet.range(Point.CONSUME_READ, Point.COMMIT_AFTER_COMMIT)) {
                rig.send(0, next, next + 5);
                rig.send(1, next, next + 7);
                assertThatThrownBy(() -> rig.newRun(Crash.at(point)).all())
                        .as("%s", point)
                        .isInstanceOf(Crash.class);
                Guarantees.noReaderSeesACountFall(rig);

                rig.runAll();

                Guarantees.holdAtTheEnd(rig);
                next += 10;
            }
        }
    }

    /** One job for all points, because each run continues where the last one died. */
    @Test
    void anAttemptOfStage2ThatDiesAnywhereIsMadeGoodByItsRetryOrTheNextRun() {
        try (Rig rig = rig(2)) {
            rig.send(0, of(rig, 0, 5));
            rig.send(1, of(rig, 1, 5));
            rig.runAll();
            for (Point point : EnumSet.range(Point.CONSUME_READ, Point.PRODUCE_AFTER_COMMIT)) {
                rig.send(0, of(rig, 0, 2));
                rig.send(1, of(rig, 0, 3));
                Map<String, ?> old = rig.rows();
                StepwiseRun run = rig.newRun().records();
                // Between the stages, a reader sees the old rows.
                assertThat(rig.rows()).isEqualTo(old);
                StepwiseRun totals = run.totals(Crash.at(point));

                assertThatThrownBy(totals::records).isInstanceOf(Crash.class);

                if (point != Point.PRODUCE_AFTER_COMMIT) {
                    assertThat(rig.rows()).as("after a crash at %s", point).isEqualTo(old);
                }
                if (point.ordinal() % 2 == 0) {
                    totals.records();
                    run.commit();
                } else {
                    rig.runAll();
                }
                Guarantees.holdAtTheEnd(rig);
            }
        }
    }

    /** Both stages: the retry finds its own commit. */
    @Test
    void aCommitWhoseAnswerIsLostIsFoundDoneWithItsCounts() {
        try (Rig rig = afterAFirstRun()) {
            StepwiseRun run = rig.newRun();
            for (int slice : run.slices().keySet()) {
                Staged delta = run.delta(slice);
                assertThatThrownBy(() -> produce(rig, run, slice, delta, Point.PRODUCE_AFTER_COMMIT))
                        .isInstanceOf(Crash.class);
                assertThat(run.produce(slice, delta)).allSatisfy(retry -> {
                    assertThat(retry.verdict()).isEqualTo(Verdict.DONE_BEFORE);
                    assertThat(retry.counts().folded()).isPositive();
                });
            }
            StepwiseRun totals = run.totals();
            for (int slice : totals.slices().keySet()) {
                Staged delta = totals.delta(slice);
                assertThatThrownBy(() -> produce(rig, totals, slice, delta, Point.PRODUCE_AFTER_COMMIT))
                        .isInstanceOf(Crash.class);
                assertThat(totals.produce(slice, delta)).allSatisfy(retry -> {
                    assertThat(retry.verdict()).isEqualTo(Verdict.DONE_BEFORE);
                    assertThat(retry.rows()).isPositive();
                });
            }
            run.commit();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void partialTotalsAreRemovedAfterTheCommitAndAZombieThatComesLaterIsUnaffected() {
        try (Rig rig = rig(2)) {
            rig.send(0, of(rig, 0, 5));
            StepwiseRun run = rig.newRun(Crash.at(Point.COMMIT_AFTER_COMMIT));
            assertThatThrownBy(run::all).isInstanceOf(Crash.class);
            assertThat(rig.readAll(partials(rig))).as("not removed yet").hasSize(1);
            rig.send(1, of(rig, 0, 5));
            StepwiseRun old = rig.newRun().records().totals();
            old.plan();
            rig.send(0, of(rig, 0, 3));

            rig.runAll();

            assertThat(rig.readAll(partials(rig))).isEmpty();
            assertThat(old.delta(0).ranges().get(0).counts().lost())
                    .as("the gap that it finds")
                    .isPositive();
            assertThat(old.records().verdicts())
                    .extracting(PartitionVerdict::verdict)
                    .containsOnly(Verdict.DONE_BEFORE);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    /** The transaction of slice 0 is older, and hides what slice 1 has committed. */
    @Test
    void aSliceThatSleepsWithAnOpenTransactionInThePartialTotalsIsFenced() {
        try (Rig rig = rig(2)) {
            rig.send(0, of(rig, 0, 5));
            rig.send(1, of(rig, 0, 3));
            StepwiseRun run = rig.newRun();
            Staged first = run.delta(0);
            Zombie<?> zombie = run.asleepWithOpenTransaction(0, first);
            run.finish(1, run.slices().get(1));

            StepwiseRun totals = run.totals();
            assertThat(totals.plan().warnings()).isEmpty();
            totals.records();

            assertThat(rig.rows().values())
                    .extracting(row -> row.get("count").longValue())
                    .containsExactly(3L);
            assertThat(zombie.wake())
                    .isInstanceOfSatisfying(
                            TidemarkException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.FENCED));
            run.commit();
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    /** As if the markers of a commit were in partition 0 and not yet in partition 1. */
    @Test
    void partialTotalsThatAreHiddenInOneOutputPartitionAreAddedInTheOthersAndNotPublished() {
        try (Rig rig = impatient(2)) {
            rig.send(0, of(rig, 0, 5));
            rig.send(1, of(rig, 1, 5));
            rig.runAll();
            Map<Integer, Long> published = rig.groupOffsets();
            try (KafkaProducer<byte[], byte[]> other = ClosingIT.writer(rig)) {
                other.initTransactions();
                other.beginTransaction();
                var unused = other.send(new ProducerRecord<>(partials(rig), 1, new byte[1], new byte[1]));
                other.flush();
                rig.send(0, of(rig, 0, 3));
                rig.send(0, of(rig, 1, 2));
                rig.send(1, of(rig, 0, 1));
                StepwiseRun run = rig.newRun().records();

                StepwiseRun totals = run.totals();
                assertThat(totals.plan().heldBack()).isPositive();
                assertThat(totals.plan().warnings()).anyMatch(each -> each.contains("an open transaction hides"));
                totals.records();
                run.commit();

                assertThat(rig.rows().values())
                        .extracting(row -> row.get("count").longValue())
                        .containsExactly(9L, 5L);
                assertThat(rig.groupOffsets())
                        .as("partition 0 has partial totals that are in no row, partition 1 has none")
                        .isEqualTo(Map.of(0, published.get(0), 1, rig.ends().get(1)));
                other.abortTransaction();
            }
            Guarantees.noTransactionIsOpenIn(rig, partials(rig));
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    /** Also the row of one output partition that fails. */
    @Test
    void partialTotalsThatSomebodyRemovesAreLostInTheirOutputPartitionAlone() {
        try (Rig rig = rig(2)) {
            rig.send(0, of(rig, 0, 5));
            rig.send(1, of(rig, 1, 5));
            StepwiseRun run = rig.newRun().records();
            StepwiseRun planned = run.totals();
            planned.plan();
            TopicScope.remove(rig, partials(rig), 1, -1);

            assertThat(planned.chain(1, planned.slices().get(1)))
                    .as("a batch that was planned before")
                    .extracting(each -> each.problem().kind())
                    .containsExactly(FailureKind.PARTIALS_LOST);
            StepwiseRun totals = run.totals();
            assertThat(totals.plan().problems())
                    .extracting(PartitionProblem::partition, PartitionProblem::kind)
                    .containsExactly(tuple(1, FailureKind.PARTIALS_LOST));
            totals.records();
            run.commit();

            assertThat(rig.rows().values())
                    .extracting(row -> row.get("count").longValue())
                    .containsExactly(5L);
            assertThat(rig.groupOffsets()).isEqualTo(Map.of(0, 5L, 1, 0L));
        }
    }

    /** A broker lost the end of the log, which stage 1 has written. */
    @Test
    void partialTotalsThatTheLogDoesNotReachAreLost() {
        try (Rig rig = impatient(1);
                var other = Producers.ofBytes(Rig.client())) {
            rig.send(0, of(rig, 0, 5));
            StepwiseRun run = rig.newRun().records();
            var stored = rig.progress().get(0);
            var unused = other.send(new ProducerRecord<>(
                    rig.stateTopic(),
                    0,
                    StateKeys.progress(),
                    ProgressCodec.encode(stored.writing(
                            List.of(stored.partialsEnd().get(0) + 10, 0L),
                            stored.windows().closedBefore()))));
            other.flush();

            assertThat(run.totals().plan().problems()).singleElement().satisfies(problem -> {
                assertThat(problem.kind()).isEqualTo(FailureKind.PARTIALS_LOST);
                assertThat(problem.message()).contains("ends at offset", "new output.topic");
            });
        }
    }

    private static void assertRefused(Rig rig, FailureKind kind, String... words) {
        assertRefused(rig.newRun(), kind, words);
    }

    private static void assertRefused(StepwiseRun run, FailureKind kind, String... words) {
        assertThatThrownBy(run::plan).isInstanceOfSatisfying(TidemarkException.class, e -> {
            assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
            assertThat(e).hasMessageContainingAll(words);
        });
    }

    /** The totals have records of which the progress is gone: to read them again would count them twice. */
    @Test
    void theStateOfStage1ThatIsLostWithTheGroupIsNotBegunAnew() {
        try (Rig rig = afterAFirstRun()) {
            Rig.get(rig.admin().deleteConsumerGroups(List.of(rig.group())).all());
            rig.configure(rig.stateTopic(), "cleanup.policy", "delete");
            TopicScope.remove(rig, rig.stateTopic(), 1, -1);
            assertRefused(rig, FailureKind.STATE_LOST, "3 input partitions are registered", "new output.topic");

            TopicScope.remove(rig, rig.stateTopic(), 0, -1);
            TopicScope.remove(rig, rig.stateTopic(), 2, -1);
            assertRefused(rig, FailureKind.STATE_LOST, "has progress of 0");
        }
    }

    @Test
    void whatTheTotalsDependOnMustNotChange() {
        try (Rig rig = afterAFirstRun()) {
            StepwiseRun run = rig.newRun().records();
            for (Map.Entry<String, String> each : Map.of(
                            "retention.ms", "1000", "retention.bytes", "1000", "cleanup.policy", "compact")
                    .entrySet()) {
                rig.configure(partials(rig), each.getKey(), each.getValue());
                assertRefused(rig, FailureKind.PARTIALS_LOST, each.getKey() + "=", "kafka-configs.sh --alter");
                assertRefused(run.totals(), FailureKind.PARTIALS_LOST, each.getKey() + "=");
                rig.configure(partials(rig), each.getKey(), each.getKey().equals("cleanup.policy") ? "delete" : "-1");
            }
            run.totals().records();
            run.commit();
            Guarantees.holdAtTheEnd(rig);

            assertRefused(
                    rig.newRun(rig.jobWith(json -> json.withObject("/output").put("partitions", 3)), point -> {}),
                    FailureKind.JOB_CHANGED,
                    "a new name and a new output.topic");
            TopicScope.grow(rig, rig.output(), 3);
            assertRefused(rig, FailureKind.OUTPUT_RESIZED, "has 3 partitions", "a new output.topic");
        }
    }

    @Test
    void aJobChangesItsScopeUnderANewNameWithANewOutput() {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(0, 0, 5);
            rig.runAll();

            assertRefused(
                    rig.newRun(rig.jobWith(TopicScope.rows()), point -> {}),
                    FailureKind.JOB_CHANGED,
                    "scope",
                    "a new name and a new output.topic");
        }
    }

    @Test
    void anOutputThatIsCreatedAgainStopsBothStages() {
        try (Rig rig = afterAFirstRun()) {
            StepwiseRun run = rig.newRun().records();
            Rig.get(rig.admin().deleteTopics(List.of(rig.output())).all());
            rig.create(rig.output(), 2, Map.of());

            assertRefused(rig, FailureKind.TOPIC_RECREATED, rig.output());
            assertRefused(run.totals(), FailureKind.TOPIC_RECREATED, rig.output());
        }
    }

    @Test
    void aPartitionThatFailsFailsItsSliceAndTheOthersAreProcessedOneByOne() {
        try (Rig rig = Rig.with(3, TopicScope.rows().andThen(json -> {
            json.put("partitionsPerSlice", 3);
            json.putObject("badRecords").put("policy", "skip").put("limit", 1);
        }))) {
            rig.send(0, of(rig, 0, 5));
            rig.send(1, of(rig, 1, 2));
            rig.send(2, of(rig, 0, 4));
            rig.runAll();
            rig.send(0, of(rig, 1, 3));
            rig.send(2, of(rig, 1, 1));
            Map<Integer, List<String>> sent = rig.sent();
            for (int i = 0; i < 2; i++) {
                rig.sendRaw(1, new byte[] {'x'});
            }
            rig.flush();
            StepwiseRun run = rig.newRun();
            assertThatThrownBy(() -> run.chain(0, run.slices().get(0))).isInstanceOf(TidemarkException.class);

            List<PartitionVerdict> verdicts = run.slices().get(0).stream()
                    .flatMap(each -> verdicts(run, List.of(each)))
                    .toList();

            assertThat(verdicts).extracting(PartitionVerdict::verdict).containsExactly(Verdict.DONE, Verdict.DONE);
            run.totals().records();
            run.commit();
            Guarantees.rowsAreThoseOf(rig, sent);
        }
    }

    private static Stream<PartitionVerdict> verdicts(StepwiseRun run, List<PartitionRange> ranges) {
        try {
            return run.chain(0, ranges).stream();
        } catch (TidemarkException e) {
            assertThat(e.kind()).isEqualTo(FailureKind.TOO_MANY_BAD_RECORDS);
            return Stream.empty();
        }
    }

    @Test
    void thePartialTotalsThatAreAddedAreGone() {
        try (Rig rig = afterAFirstRun()) {
            rig.runAll();

            assertThat(rig.readAll(partials(rig))).isEmpty();
            assertThat(rig.ends(partials(rig), IsolationLevel.READ_COMMITTED).values())
                    .anyMatch(end -> end > 0);
        }
    }
}
