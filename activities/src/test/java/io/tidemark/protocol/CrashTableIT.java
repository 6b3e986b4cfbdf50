package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidemark.job.JobNames;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.RecordCounts;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.Crash;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Zombie;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.TransactionState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every row of the crash table in docs/exactly-once.md: the point of the crash, what the retry does, what a reader
 * sees.
 */
@Execution(ExecutionMode.CONCURRENT)
class CrashTableIT {

    @ParameterizedTest
    @EnumSource
    void anAttemptThatDiesAnywhereIsMadeGoodByTheNextRun(Point point) {
        try (Rig rig = point.name().startsWith("PLAN") ? Rig.voltage(2) : Rig.afterAFirstRun()) {
            if (point.name().startsWith("PLAN")) {
                rig.send(0, 0, 50);
                rig.send(1, 0, 30);
            }
            assertThatThrownBy(() -> rig.newRun(Crash.at(point)).all()).isInstanceOf(Crash.class);
            Guarantees.noReaderSeesACountFall(rig);

            rig.runAll();

            Guarantees.holdAtTheEnd(rig);
        }
    }

    static Stream<Point> produceBeforeCommit() {
        return EnumSet.range(Point.PRODUCE_BEFORE_FENCE, Point.PRODUCE_AFTER_SENDS).stream();
    }

    @ParameterizedTest
    @MethodSource("produceBeforeCommit")
    void aProduceThatDiesBeforeItsCommitIsInvisibleAndTheRetryOfTheSameActivityDoesItOnce(Point point) {
        try (Rig rig = Rig.afterAFirstRun()) {
            Map<String, ?> oldRows = rig.rows();
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            assertThatThrownBy(() -> attempt(rig, run, delta, Crash.at(point))).isInstanceOf(Crash.class);
            assertThat(rig.rows())
                    .as("a reader sees the old rows, never a part")
                    .isEqualTo(oldRows);

            assertThat(run.produce(0, delta))
                    .extracting(PartitionVerdict::verdict)
                    .containsOnly(Verdict.DONE);

            run.commit();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aCommitWhoseAnswerIsLostIsFoundDoneWithItsCounts() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            assertThatThrownBy(() -> attempt(rig, run, delta, Crash.at(Point.PRODUCE_AFTER_COMMIT)))
                    .isInstanceOf(Crash.class);

            List<PartitionVerdict> retry = run.produce(0, delta);

            assertThat(retry).extracting(PartitionVerdict::verdict).containsOnly(Verdict.DONE_BEFORE);
            assertThat(retry).extracting(each -> each.counts().folded()).containsExactly(20L, 60L);
            run.commit();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void registrationHappensOnceHoweverManyPlansAreMadeAtTheSameTime() {
        try (Rig rig = Rig.with(3, json -> json.put("start", "latest"))) {
            rig.send(0, 0, 10);
            Zombie<?> slow = Zombie.asleepAt(
                    Point.PLAN_BEFORE_REGISTRATION, points -> rig.newRun(points).plan());
            rig.newRun().plan();
            rig.send(0, 10, 15);

            assertThat(slow.wake())
                    .as("the slow plan finds the partitions registered")
                    .isNull();

            assertThat(rig.progress().get(0).through()).isEqualTo(10);
            assertThat(CommittedRecords.read(rig.stateTopic())).hasSize(3);
        }
    }

    @Test
    void aPlanThatSleepsInItsRegistrationIsFenced() {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(0, 0, 10);
            Zombie<?> slow = Zombie.asleepAt(
                    Point.PLAN_IN_REGISTRATION, points -> rig.newRun(points).plan());
            rig.runAll();

            assertFenced(slow.wake());

            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aStagedFileThatIsGoneMeansReadingAgain() throws IOException {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            Files.delete(rig.staging().folder().resolve(delta.cells().name()));

            assertThat(run.produce(0, delta))
                    .extracting(PartitionVerdict::verdict)
                    .containsOnly(Verdict.STAGED_LOST);

            assertChainAgain(rig, run);
        }
    }

    @Test
    void aStagedFileThatIsHalfWrittenMeansReadingAgain() throws IOException {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            Path file = rig.staging().folder().resolve(delta.cells().name());
            byte[] whole = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(whole, whole.length / 2));

            assertThat(run.produce(0, delta))
                    .extracting(PartitionVerdict::verdict)
                    .containsOnly(Verdict.STAGED_LOST);

            assertChainAgain(rig, run);
        }
    }

    @Test
    void aStagedFileOfAnotherAttemptMeansReadingAgain() throws IOException {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            Staged other = run.consume(0, 1, List.of(new PartitionRange(0, 50, 55), new PartitionRange(1, 30, 31)));
            Files.copy(
                    rig.staging().folder().resolve(other.cells().name()),
                    rig.staging().folder().resolve(delta.cells().name()),
                    StandardCopyOption.REPLACE_EXISTING);

            assertThat(run.produce(0, delta))
                    .extracting(PartitionVerdict::verdict)
                    .containsOnly(Verdict.STAGED_LOST);

            assertChainAgain(rig, run);
        }
    }

    private static void assertChainAgain(Rig rig, StepwiseRun run) {
        assertThat(run.chain(0, run.slices().get(0)))
                .extracting(PartitionVerdict::verdict)
                .containsOnly(Verdict.DONE);
        run.commit();
        Guarantees.holdAtTheEnd(rig);
    }

    static Stream<Point> sleepyPoints() {
        return EnumSet.range(Point.PRODUCE_DECIDED, Point.PRODUCE_AFTER_SENDS).stream();
    }

    @Test
    void anAttemptThatSleepsBeforeItReadsTheStateFindsItsRangeDone() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun terminated = rig.newRun();
            Staged delta = terminated.delta(0);
            Zombie<List<PartitionVerdict>> zombie =
                    Zombie.asleepAt(Point.PRODUCE_AFTER_FENCE, points -> attempt(rig, terminated, delta, points));
            rig.runAll();

            assertThat(zombie.wake()).isNull();

            assertThat(zombie.result()).extracting(PartitionVerdict::verdict).containsOnly(Verdict.DONE_BEFORE);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @ParameterizedTest
    @MethodSource("sleepyPoints")
    void anAttemptOfATerminatedRunIsFencedByTheNextRunsAttempt(Point point) {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun terminated = rig.newRun();
            Staged delta = terminated.delta(0);
            Zombie<?> zombie = Zombie.asleepAt(point, points -> attempt(rig, terminated, delta, points));
            rig.runAll();

            assertFenced(zombie.wake());

            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void anOldAttemptThatCommitsFirstMakesTheNewRunsRangeStale() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun old = rig.newRun();
            Staged oldDelta = old.delta(0);
            rig.send(0, 70, 100);
            rig.send(1, 90, 95);
            StepwiseRun next = rig.newRun();
            Staged newDelta = next.delta(0);
            old.produce(0, oldDelta);

            List<PartitionVerdict> verdicts = next.produce(0, newDelta);

            assertThat(verdicts).extracting(PartitionVerdict::verdict).containsOnly(Verdict.STALE);
            assertThat(verdicts).extracting(PartitionVerdict::through).containsExactly(70L, 90L);
            next.chain(0, List.of(new PartitionRange(0, 70, 100), new PartitionRange(1, 90, 95)));
            next.commit();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aZombieThatTakesOverWhileTheGoodAttemptsTransactionIsOpenMakesItFailAndTheRetryIsRight() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            Zombie<?> good = Zombie.asleepAt(Point.PRODUCE_AFTER_SENDS, points -> attempt(rig, run, delta, points));
            // The zombie fences the id and then crashes.
            assertThatThrownBy(() -> attempt(rig, run, delta, Crash.at(Point.PRODUCE_AFTER_FENCE)))
                    .isInstanceOf(Crash.class);

            assertFenced(good.wake());

            assertThat(run.produce(0, delta))
                    .extracting(PartitionVerdict::verdict)
                    .containsOnly(Verdict.DONE);
            run.commit();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aZombieThatWakesAfterItsTransactionalIdExpiredIsRefused() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun old = rig.newRun();
            Staged delta = old.delta(0);
            Zombie<?> zombie = Zombie.asleepAt(Point.PRODUCE_DECIDED, points -> attempt(rig, old, delta, points));
            rig.runAll();
            String id = JobNames.sliceTransactionalId(rig.job(), 0);
            await().atMost(Duration.ofSeconds(50))
                    .until(() -> !rig.transactionalIds().contains(id));

            assertFenced(zombie.wake());

            Guarantees.holdAtTheEnd(rig);
            rig.send(0, 70, 75);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void offsetsThatWereNotPublishedAreTheOnlyThingThatLags() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun run = rig.newRun();
            run.plan();
            run.slices().forEach(run::chain);

            assertThat(rig.groupOffsets()).isEqualTo(Map.of(0, 50L, 1, 30L));
            Guarantees.rowsAreThoseOf(rig, rig.sent());

            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aCommitThatComesBeforeTheMarkersOfAProducePublishesWhatItWrote() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            Zombie<?> produce = Zombie.asleepAt(Point.PRODUCE_AFTER_SENDS, points -> attempt(rig, run, delta, points));

            CompletableFuture<Throwable> end = new CompletableFuture<>();
            rig.newRun(point -> {
                        if (point == Point.COMMIT_AFTER_FENCE) {
                            end.completeAsync(produce::wake, Trials.later(0));
                            // Committed, perhaps without its markers: those of open transactions are not waited for.
                            String id = JobNames.sliceTransactionalId(rig.job(), 0);
                            await().pollInterval(Duration.ofMillis(1)).until(() -> !isOngoing(rig, id));
                        }
                    })
                    .commit();

            assertThat(end.join()).isNull();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    private static boolean isOngoing(Rig rig, String transactionalId) {
        return Rig.get(rig.admin()
                                .describeTransactions(List.of(transactionalId))
                                .description(transactionalId))
                        .state()
                == TransactionState.ONGOING;
    }

    @Test
    void aCommitThatSleepsCanOnlyPublishWhatTheStateSays() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun first = rig.newRun();
            first.plan();
            first.slices().forEach(first::chain);
            Zombie<?> slow = Zombie.asleepAt(
                    Point.COMMIT_AFTER_SENDS, points -> rig.newRun(points).commit());
            rig.send(0, 70, 80);
            rig.runAll();

            assertFenced(slow.wake());

            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void inOneSliceTheGoodPartitionCommitsAndEachOtherGetsItsVerdict() {
        try (Rig rig = Rig.with(5, json -> {
            json.put("partitionsPerSlice", 5);
            json.withObject("/badRecords").put("limit", 10);
        })) {
            for (int partition = 0; partition < 5; partition++) {
                rig.send(partition, 0, 20);
            }
            StepwiseRun run = rig.newRun();
            Staged all = run.delta(0);
            // Another run has done partition 0 and half of partition 1; partition 3 has too many bad records, and
            // partition 4 more records than offsets.
            StepwiseRun other = rig.newRun();
            other.chain(0, List.of(new PartitionRange(0, 0, 20), new PartitionRange(1, 0, 10)));
            Staged withBad = new Staged(
                    all.hostQueue(),
                    all.ranges().stream()
                            .map(each -> switch (each.range().partition()) {
                                case 3 -> counting(each, new RecordCounts(5, 0, 0, 15, 0, 0, 0, 0, 0, Map.of()));
                                case 4 -> counting(each, new RecordCounts(20, 0, 0, 1, 0, 0, 0, 0, 0, Map.of()));
                                default -> each;
                            })
                            .toList(),
                    all.cells(),
                    null);

            List<PartitionVerdict> verdicts = run.produce(0, withBad);

            assertThat(verdicts)
                    .extracting(PartitionVerdict::verdict)
                    .containsExactly(Verdict.DONE_BEFORE, Verdict.STALE, Verdict.DONE, Verdict.FAILED, Verdict.FAILED);
            assertThat(verdicts.subList(3, 5))
                    .extracting(each -> each.problem().kind())
                    .containsExactly(FailureKind.TOO_MANY_BAD_RECORDS, FailureKind.NOT_RECONCILED);
            assertThat(verdicts.get(4).problem().message())
                    .contains(
                            rig.input() + "[4]", "offsets 0 to 20 do not add up", "expected 20, found 21", "1 skipped");
            assertThat(rig.progress().values())
                    .extracting(each -> each.through())
                    .containsExactly(20L, 10L, 20L, 0L, 0L);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    private static StagedRange counting(StagedRange read, RecordCounts counts) {
        return new StagedRange(read.range(), counts, read.leaderEpoch(), read.newest(), read.logStart(), null);
    }

    private static List<PartitionVerdict> attempt(Rig rig, StepwiseRun run, Staged delta, Checkpoints points) {
        return new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), points)
                .produce(run.slice(0), delta, StepProgress.NONE)
                .verdicts();
    }

    private static void assertFenced(@Nullable Throwable failure) {
        assertThat(failure)
                .isInstanceOfSatisfying(
                        TidemarkException.class,
                        named -> assertThat(named.kind()).as("%s", named).isEqualTo(FailureKind.FENCED));
    }

    /** The first chain may have read less, because of the time limit of a read or a budget. */
    @Test
    void whatAnUnheardAttemptOfTheSameRunMadeDurableIsInItsAccount() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun run = rig.newRun();
            List<PartitionRange> all = run.slices().get(0);
            run.chain(
                    0,
                    all.stream()
                            .map(each -> new PartitionRange(each.partition(), each.from(), each.from() + 10))
                            .toList());

            List<PartitionVerdict> again = run.chain(0, all);

            assertThat(again).extracting(PartitionVerdict::verdict).containsOnly(Verdict.STALE);
            assertThat(again).extracting(each -> each.counts().folded()).containsExactly(10L, 10L);
        }
    }
}
