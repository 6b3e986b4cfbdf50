package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.embedded.Producers;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.RunPlan;
import io.tidemark.run.RunSummary;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagedLostException;
import io.tidemark.state.RecordCounts;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The account of a run adds up, including offsets that retention removed. */
@LifecycleSuite
@Execution(ExecutionMode.CONCURRENT)
class DataLossIT {
    private static Rig goingOn(int partitions) {
        return Rig.with(partitions, json -> json.withObject("/input").put("dataLoss", "continue"));
    }

    private static void deleteBefore(Rig rig, int partition, long offset) {
        Rig.get(rig.admin()
                .deleteRecords(Map.of(new TopicPartition(rig.input(), partition), RecordsToDelete.beforeOffset(offset)))
                .all());
    }

    private static RecordCounts account(Rig rig, int partition) {
        return rig.progress().get(partition).last().counts();
    }

    /** Checks the rows against the readings that were not removed. */
    private static void rowsAreThoseWithout(Rig rig, int partition, int from, int to) {
        Map<Integer, List<String>> left = new TreeMap<>(rig.sent());
        left.computeIfPresent(partition, (p, values) -> {
            List<String> kept = new ArrayList<>(values.subList(0, from));
            kept.addAll(values.subList(to, values.size()));
            return kept;
        });
        Guarantees.rowsAreThoseOf(rig, left);
    }

    /** Each failing partition has a message, and the plan must not become too large for Temporal. */
    @Test
    void ofManyPartitionsThatCannotBeReadThePlanNamesTheFirstAndCountsTheRest() {
        int partitions = RunSummary.MAX_DETAILS + 3;
        try (Rig rig = Rig.with(partitions, json -> json.put("partitionsPerSlice", partitions))) {
            rig.newRun().plan();
            for (int partition = 0; partition < partitions; partition++) {
                rig.sendRaw(partition, new byte[1]);
            }
            rig.flush();
            Rig.get(rig.admin()
                    .deleteRecords(IntStream.range(0, partitions)
                            .boxed()
                            .collect(Collectors.toMap(
                                    each -> new TopicPartition(rig.input(), each),
                                    each -> RecordsToDelete.beforeOffset(1))))
                    .all());

            RunPlan plan = rig.newRun().plan();

            assertThat(plan.problems()).hasSize(RunSummary.MAX_DETAILS);
            assertThat(plan.unnamed()).isEqualTo(3);
        }
    }

    @Test
    void aJobThatGoesOnCountsWhatIsLostAndTellsOfWhichTime() {
        try (Rig rig = goingOn(2)) {
            rig.send(0, 0, 10);
            rig.send(1, 0, 10);
            rig.runAll();
            rig.send(0, 10, 30);
            rig.send(1, 10, 20);
            deleteBefore(rig, 0, 17);

            StepwiseRun run = rig.newRun();
            RunPlan plan = run.plan();

            assertThat(plan.problems()).isEmpty();
            assertThat(plan.ranges()).containsExactly(new PartitionRange(0, 10, 30), new PartitionRange(1, 10, 20));
            assertThat(plan.warnings())
                    .singleElement()
                    .asString()
                    .contains(rig.input() + "[0]", "removed 7 offsets (10 to 16)", "is after 20", "before 20");
            run.slices().forEach(run::chain);
            run.commit();
            rowsAreThoseWithout(rig, 0, 10, 17);
            Guarantees.offsetsAreThoseOfTheState(rig);
            assertThat(account(rig, 0))
                    .isEqualTo(new RecordCounts(
                            13, 0, 0, 0, 0, 0, 7, 0, account(rig, 0).bytes(), Map.of()));
            assertThat(account(rig, 1).lost()).isZero();
        }
    }

    @Test
    void whereNothingIsLeftAndNothingIsNewTheLossIsStillAccountedFor() {
        try (Rig rig = goingOn(1)) {
            rig.send(0, 0, 10);
            rig.runAll();
            rig.send(0, 10, 30);
            deleteBefore(rig, 0, 30);

            StepwiseRun run = rig.runAll();

            assertThat(run.verdicts()).singleElement().satisfies(verdict -> {
                assertThat(verdict.counts()).isEqualTo(new RecordCounts(0, 0, 0, 0, 0, 0, 20, 0, 0, Map.of()));
                assertThat(verdict.through()).isEqualTo(30);
            });
            rowsAreThoseWithout(rig, 0, 10, 30);
            rig.send(0, 30, 40);
            rig.runAll();
            rowsAreThoseWithout(rig, 0, 10, 30);
        }
    }

    @Test
    void whatIsRemovedBetweenThePlanAndItsReadingIsLostInTheSplitsThatHadIt() throws StagedLostException {
        try (Rig rig = goingOn(1)) {
            rig.send(0, 0, 30);
            StepwiseRun run = rig.newRun();
            run.plan();
            deleteBefore(rig, 0, 15);

            Staged first = run.consume(0, 0, List.of(new PartitionRange(0, 0, 10)));
            Staged second = run.consume(0, 1, List.of(new PartitionRange(0, 10, 30)));
            List<PartitionVerdict> verdicts = run.produce(0, run.aggregate(0, List.of(first, second)));
            run.commit();

            assertThat(verdicts)
                    .singleElement()
                    .satisfies(verdict -> assertThat(verdict.counts())
                            .isEqualTo(new RecordCounts(
                                    15, 0, 0, 0, 0, 0, 15, 0, verdict.counts().bytes(), Map.of())));
            rowsAreThoseWithout(rig, 0, 0, 15);
        }
    }

    @Test
    void byDefaultNothingIsReadAndTheMessageSaysHowToGoOn() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 30);
            StepwiseRun run = rig.newRun();
            run.plan();
            deleteBefore(rig, 0, 15);

            assertThatThrownBy(() -> run.consume(0, 0, List.of(new PartitionRange(0, 0, 30))))
                    .isInstanceOfSatisfying(
                            TidemarkException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.RETENTION_GAP))
                    .hasMessageContainingAll("15 offsets", "input.dataLoss: continue");
            StepwiseRun on = rig.newRun(
                    rig.jobWith(json -> json.withObject("/input").put("dataLoss", "continue")), Checkpoints.NONE);
            on.all();
            rowsAreThoseWithout(rig, 0, 0, 15);
        }
    }

    @Test
    void markersAndAbortedRecordsAreInTheAccount() throws Exception {
        try (Rig rig = Rig.with(1, json -> json.withObject("/badRecords").put("policy", "skip"));
                var producer = Producers.ofBytes(Map.of(
                        "bootstrap.servers", Rig.client().get("bootstrap.servers"), "transactional.id", rig.input()))) {
            rig.send(0, 0, 10);
            producer.initTransactions();
            producer.beginTransaction();
            for (int i = 0; i < 3; i++) {
                producer.send(new ProducerRecord<>(rig.input(), 0, null, new byte[3]))
                        .get();
            }
            producer.abortTransaction();
            rig.sendRaw(0, new byte[] {'x'});
            rig.send(0, 10, 15);
            // Here only three aborted records and their marker are invisible.
            rig.runAll();

            RecordCounts account = account(rig, 0);
            assertThat(account)
                    .isEqualTo(new RecordCounts(15, 0, 0, 1, 0, 4, 0, 0, account.bytes(), Map.of("NOT_JSON", 1L)));
            assertThat(account.offsets()).isEqualTo(rig.ends().get(0));
        }
    }

    @Test
    void retentionThatComesNearIsTold() {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(0, 0, 100);
            rig.send(1, 0, 100);
            rig.runAll();
            rig.send(0, 100, 120);
            deleteBefore(rig, 0, 60);

            assertThat(rig.newRun().plan().warnings())
                    .singleElement()
                    .asString()
                    .contains(rig.input() + "[0]", "begins at offset 60, 40 before", "moved by 60", "retention.ms");

            deleteBefore(rig, 1, 40);
            rig.send(1, 100, 120);
            assertThat(rig.newRun().plan().warnings())
                    .as("60 are left, and 40 went")
                    .hasSize(1);
        }
    }

    @Test
    void aRecordThatIsHandedOverTwiceOrNotAtAllWouldStopTheRun() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            StepwiseRun run = rig.newRun();
            for (long folded : new long[] {9, 11}) {
                Staged delta = run.delta(0);
                Staged wrong = new Staged(
                        delta.hostQueue(),
                        delta.ranges().stream()
                                .map(each ->
                                        new StagedRange(each.range(), RecordCounts.folded(folded, 1), 0, -1, 0, null))
                                .toList(),
                        delta.cells(),
                        null);
                assertThat(run.produce(0, wrong))
                        .singleElement()
                        .satisfies(
                                verdict -> assertThat(verdict.problem().kind()).isEqualTo(FailureKind.NOT_RECONCILED));
                assertThat(rig.rows()).isEmpty();
            }
            run.chain(0, List.of(new PartitionRange(0, 0, 10)));
            run.commit();
            Guarantees.holdAtTheEnd(rig);
        }
    }
}
