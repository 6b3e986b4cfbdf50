package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.temporal.failure.ApplicationFailure;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.RunSummary;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class SliceRunnerTest extends WorkflowScene {

    @Test
    void aShortRangeIsReadOnceAndWrittenOnce() {
        kafka.append(3, 1200);

        RunSummary run = run(Jobs.voltage());

        assertThat(kafka.calls)
                .containsExactly(
                        "listPartitions shared",
                        "consume shared 3[0..1200]",
                        "aggregate host 3[0..1200]",
                        "produce host 3[0..1200]",
                        "commitOffsets shared");
        assertThat(run.state()).isEqualTo(RunSummary.State.DONE);
        assertThat(run.offsetsDone()).isEqualTo(1200);
        assertThat(run.details())
                .extracting(PartitionResult::partition, PartitionResult::from, PartitionResult::through)
                .containsExactly(tuple(3, 0L, 1200L));
    }

    @Test
    void aRangeDoneBeforeIsNotReadAgain() {
        kafka.append(0, 10);
        atFirst("aggregate", () -> kafka.overtake(0, 10));

        RunSummary run = run(Jobs.voltage());

        assertThat(kafka.calls("consume")).hasSize(1);
        assertThat(run.done()).isEqualTo(1);
        assertThat(run.offsetsDone()).isEqualTo(10);
        assertThat(run.counts().folded()).as("records that somebody else wrote").isZero();
    }

    @Test
    void aStaleRangeIsReadAgainFromTheStoredProgress() {
        kafka.append(0, 10);
        atFirst("aggregate", () -> kafka.overtake(0, 4));

        RunSummary run = run(Jobs.voltage());

        assertThat(kafka.calls("consume")).containsExactly("consume shared 0[0..10]", "consume shared 0[4..10]");
        assertThat(run.counts().folded()).isEqualTo(6);
        assertThat(run.offsetsDone()).isEqualTo(10);
    }

    @Test
    void aStaleRangeThatReachedItsEndIsDone() {
        kafka.append(0, 10);
        // The plan ends at 10, the piece at 5.
        atFirst("aggregate", () -> kafka.overtake(0, 12));

        RunSummary run = run(Jobs.with("offsetsPerPiece", 5));

        assertThat(kafka.calls("consume")).containsExactly("consume shared 0[0..5]");
        assertThat(run.done()).isEqualTo(1);
        assertThat(run.offsetsDone()).isEqualTo(10);
    }

    @Test
    void lostFilesAreStagedAgainOnAnyHost() {
        kafka.append(0, 10);
        kafka.verdicts.put(0, new ConcurrentLinkedDeque<>(List.of(Verdict.STAGED_LOST, Verdict.STAGED_LOST)));

        RunSummary run = run(Jobs.voltage());

        assertThat(kafka.calls("consume shared")).hasSize(3);
        assertThat(run.counts().folded()).isEqualTo(10);
    }

    @Test
    void partialsThatAreGoneWhenTheyAreMergedAreStagedAgain() {
        kafka.append(0, 10);
        atFirst("aggregate", () -> {
            throw FakeKafka.fatal(FailureKind.STAGED_LOST, "cells-0 is gone");
        });

        assertThat(run(Jobs.voltage()).done()).isEqualTo(1);
        assertThat(kafka.calls("consume shared")).hasSize(2);
    }

    @Test
    void aHostThatDoesNotAnswerIsReplacedAfterItsTimeout() {
        kafka.append(0, 10);
        kafka.hosts.add(DEAD_QUEUE);

        RunSummary run = run(Jobs.with("hostTimeout", "1s"));

        assertThat(kafka.calls("consume")).containsExactly("consume shared 0[0..10]", "consume shared 0[0..10]");
        assertThat(run.done()).isEqualTo(1);
    }

    @Test
    void aFailedPartitionIsNamedWithItsReason() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        kafka.verdicts.put(1, new ConcurrentLinkedDeque<>(List.of(Verdict.FAILED)));

        ApplicationFailure failure = failure(Jobs.sharedBy(2));

        assertThat(failure.getType()).isEqualTo("PARTITIONS_FAILED");
        assertThat(failure.getOriginalMessage())
                .contains("1 of 2 partitions", "airflow-input-topic[1] STATE_LOST: no progress record");
        assertThat(summary(failure).problems())
                .containsExactly(new PartitionProblem(1, FailureKind.STATE_LOST, "no progress record"));
        assertThat(kafka.through(0)).isEqualTo(10);
        assertThat(kafka.calls("commitOffsets")).hasSize(1);
    }

    @Test
    void anUnavailableKafkaIsRetried() {
        kafka.append(0, 10);
        AtomicInteger attempts = new AtomicInteger();
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("produce") && attempts.incrementAndGet() < 4) {
                throw ApplicationFailure.newFailure("no answer", FailureKind.KAFKA_UNAVAILABLE.name());
            }
        };

        assertThat(run(Jobs.voltage()).done()).isEqualTo(1);
        assertThat(kafka.calls("consume"))
                .as("a retry of produce reads nothing again")
                .hasSize(1);
    }

    @Test
    void aFailureInASliceOfOnePartitionIsTheProblemOfThatPartition() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        failWhereverThereIs(1, "consume", FailureKind.BAD_RECORD);

        ApplicationFailure failure = failure(Jobs.voltage());

        assertThat(summary(failure).problems())
                .containsExactly(new PartitionProblem(1, FailureKind.BAD_RECORD, "trouble with 1"));
        assertThat(summary(failure).done()).isEqualTo(1);
        assertThat(kafka.calls("consume shared 1")).hasSize(1);
        assertThat(kafka.through(0)).isEqualTo(10);
    }

    @Test
    void oneBadPartitionIsTriedTwiceWithItsNeighboursThenEachGoesAlone() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        kafka.append(2, 10);
        failWhereverThereIs(1, "produce", FailureKind.RECORD_TOO_LARGE);

        ApplicationFailure failure = failure(Jobs.sharedBy(3));

        assertThat(kafka.calls("produce"))
                .containsExactly(
                        "produce host 0[0..10] 1[0..10] 2[0..10]",
                        "produce host 0[0..10] 1[0..10] 2[0..10]",
                        "produce host 0[0..10]",
                        "produce host 1[0..10]",
                        "produce host 2[0..10]");
        assertThat(summary(failure).problems())
                .containsExactly(new PartitionProblem(1, FailureKind.RECORD_TOO_LARGE, "trouble with 1"));
        assertThat(kafka.through(0)).isEqualTo(10);
        assertThat(kafka.through(1)).isZero();
        assertThat(kafka.through(2)).isEqualTo(10);
    }

    @Test
    void oneFailureDoesNotSeparateASharedSlice() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        AtomicInteger attempts = new AtomicInteger();
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("produce") && attempts.incrementAndGet() == 1) {
                throw FakeKafka.fatal(FailureKind.NOT_FINITE, "once");
            }
        };

        assertThat(run(Jobs.sharedBy(2)).done()).isEqualTo(2);
        assertThat(kafka.calls("produce"))
                .containsExactly("produce host 0[0..10] 1[0..10]", "produce host 0[0..10] 1[0..10]");
    }

    @Test
    void aPartitionThatAlwaysFailsLeavesTimeForItsNeighbours() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        kafka.trouble = (activity, ranges) -> {
            if (ranges.stream().anyMatch(each -> each.partition() == 0)) {
                throw ApplicationFailure.newFailure("again and again", FailureKind.KAFKA_UNAVAILABLE.name());
            }
        };

        ApplicationFailure failure = failure(Jobs.sharedBy(2));

        assertThat(kafka.through(1)).isEqualTo(10);
        assertThat(summary(failure).problems())
                .containsExactly(new PartitionProblem(0, FailureKind.KAFKA_UNAVAILABLE, "again and again"));
    }

    @Test
    void aFailureWithoutANameKeepsTheClassOfItsException() {
        kafka.append(0, 10);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("aggregate")) {
                throw ApplicationFailure.newNonRetryableFailure("oh", "java.lang.ArithmeticException");
            }
        };

        assertThat(summary(failure(Jobs.voltage())).problems())
                .containsExactly(new PartitionProblem(0, FailureKind.UNEXPECTED, "java.lang.ArithmeticException: oh"));
    }

    @Test
    void aBacklogIsProcessedPieceByPiece() {
        kafka.append(0, 25);

        RunSummary run = run(Jobs.with("offsetsPerPiece", 10));

        assertThat(kafka.calls("produce"))
                .containsExactly("produce host 0[0..10]", "produce host 0[10..20]", "produce host 0[20..25]");
        assertThat(run.rows()).isEqualTo(3);
        assertThat(run.details())
                .extracting(PartitionResult::from, PartitionResult::through)
                .containsExactly(tuple(0L, 25L));
    }

    @Test
    void theSplitsOfALongRangeFollowTheFirstToItsHost() {
        kafka.append(0, 95);

        RunSummary run = run(Jobs.with("offsetsPerSplit", 10));

        assertThat(kafka.calls("consume shared")).containsExactly("consume shared 0[0..10]");
        assertThat(kafka.calls("consume host")).hasSize(9);
        assertThat(kafka.calls("aggregate")).containsExactly("aggregate host 0[0..95]");
        assertThat(kafka.calls("produce")).containsExactly("produce host 0[0..95]");
        assertThat(run.counts().folded()).isEqualTo(95);
    }

    @Test
    void eightSplitsOfASliceAreReadAtOnceAndNoMore() {
        kafka.append(0, 400);
        AtomicInteger reading = new AtomicInteger();
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(SliceRunner.SPLITS_IN_FLIGHT);
        kafka.trouble = (activity, ranges) -> {
            // The first split is read alone, to find a host.
            if (activity.equals("consume") && ranges.get(0).from() > 0) {
                if (reading.incrementAndGet() == SliceRunner.SPLITS_IN_FLIGHT) {
                    asked.set(activitiesOfThisWorkflow("consume") - 1);
                }
                all.countDown();
                awaitOrFail(all);
            }
        };

        run(Jobs.with("offsetsPerSplit", 10));

        assertThat(kafka.calls("consume")).hasSize(40);
        assertThat(asked).as("splits asked for when eight were being read").hasValue(SliceRunner.SPLITS_IN_FLIGHT);
    }

    @Test
    void manySlicesReadFewerSplitsEach() {
        int slices = 50;
        int atOnce = HostTasks.SPLITS_PER_RUN / slices;
        for (int partition = 0; partition < slices; partition++) {
            kafka.append(partition, 60);
        }
        AtomicInteger reading = new AtomicInteger();
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(slices * atOnce);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume") && ranges.get(0).from() > 0) {
                if (reading.incrementAndGet() == slices * atOnce) {
                    asked.set(activitiesOfThisWorkflow("consume") - slices);
                }
                all.countDown();
                awaitOrFail(all);
            }
        };
        var job = Jobs.with("offsetsPerSplit", 10);
        job.withObject("/limits").put("slicesInFlight", slices).put("heartbeat", "1m");

        run(job);

        assertThat(asked).as("splits asked for beside the first ones").hasValue(slices * atOnce);
    }

    @Test
    void theSplitsOfASliceHaveNoThreads() {
        int slices = 4;
        for (int partition = 0; partition < slices; partition++) {
            kafka.append(partition, 120);
        }
        AtomicInteger threads = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(slices * SliceRunner.SPLITS_IN_FLIGHT);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume") && ranges.get(0).from() > 0) {
                all.countDown();
                awaitOrFail(all);
                threads.compareAndSet(0, workflowThreads());
            }
        };
        var job = Jobs.with("offsetsPerSplit", 10);
        job.withObject("/limits").put("heartbeat", "1m");

        run(job);

        assertThat(threads.get())
                .as("one for each slice, and two or three for each of the two workflows")
                .isBetween(slices, slices + 6);
    }

    @Test
    void aHostThatEndsOtherActivitiesIsBusyAndNotDead() {
        int partitions = 6;
        String busy = "kafka-batch/host/busy";
        WorkerFactory one = WorkerFactory.newInstance(client);
        one.newWorker(
                        busy,
                        WorkerOptions.newBuilder()
                                .setMaxConcurrentActivityExecutionSize(1)
                                .build())
                .registerActivitiesImplementations(kafka);
        one.start();
        for (int partition = 0; partition < partitions; partition++) {
            kafka.append(partition, 60);
            kafka.hosts.add(busy);
        }
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume") && ranges.get(0).from() > 0) {
                // 30 splits one after the other take twice as long as a host may leave its queue unanswered.
                LockSupport.parkNanos(200_000_000L);
            }
        };
        var job = Jobs.with("offsetsPerSplit", 10);
        job.withObject("/limits").put("hostTimeout", "3s").put("heartbeat", "1m");

        RunSummary run = run(job);
        one.shutdownNow();

        assertThat(run.done()).isEqualTo(partitions);
        assertThat(kafka.calls("consume")).as("splits read").hasSize(6 * partitions);
    }

    /** Returns how many threads of this JVM execute workflows. */
    private static int workflowThreads() {
        return (int) Thread.getAllStackTraces().values().stream()
                .filter(stack -> Arrays.stream(stack)
                        .anyMatch(frame -> frame.getClassName().endsWith(".WorkflowThreadContext")
                                && frame.getMethodName().equals("yield")))
                .count();
    }

    private static void awaitOrFail(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw FakeKafka.fatal(FailureKind.UNEXPECTED, "the splits are not read at the same time");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void smallPartitionsOfASliceShareOneConsume() {
        kafka.append(0, 3);
        kafka.append(1, 4);
        kafka.append(2, 2);

        run(Jobs.sharedBy(3));

        assertThat(kafka.calls("consume")).containsExactly("consume shared 0[0..3] 1[0..4] 2[0..2]");
    }

    @Test
    void theRestOfAShortConsumeIsReadOnTheSameHost() {
        kafka.append(0, 25);
        kafka.mostPerConsume = 10;

        RunSummary run = run(Jobs.voltage());

        assertThat(kafka.calls("consume"))
                .containsExactly("consume shared 0[0..25]", "consume host 0[10..25]", "consume host 0[20..25]");
        assertThat(kafka.calls("produce")).containsExactly("produce host 0[0..25]");
        assertThat(run.counts().folded()).isEqualTo(25);
    }

    @Test
    void aConsumeThatReadsNothingIsRetriedUntilTheTimeIsOver() {
        kafka.append(0, 25);
        kafka.mostPerConsume = 0;

        ApplicationFailure failure = failure(Jobs.with("time", "10m"));

        assertThat(summary(failure).problems())
                .extracting(PartitionProblem::kind)
                .containsExactly(FailureKind.TIME_OVER);
        assertThat(kafka.calls("consume")).hasSizeBetween(15, 60);
    }

    private void atFirst(String activity, Runnable what) {
        AtomicInteger calls = new AtomicInteger();
        kafka.trouble = (name, ranges) -> {
            if (name.equals(activity) && calls.incrementAndGet() == 1) {
                what.run();
            }
        };
    }

    private void failWhereverThereIs(int partition, String activity, FailureKind kind) {
        kafka.trouble = (name, ranges) -> {
            if (name.equals(activity) && ranges.stream().anyMatch(each -> each.partition() == partition)) {
                throw FakeKafka.fatal(kind, "trouble with " + partition);
            }
        };
    }
}
