package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunSummary;
import io.tidemark.run.StateSize;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchRunWorkflowTest extends WorkflowScene {

    @Test
    void aRunWithNothingNewOnlyCommits() {
        RunSummary run = run(Jobs.voltage());

        assertThat(kafka.calls).containsExactly("listPartitions shared", "commitOffsets shared");
        assertThat(run.state()).isEqualTo(RunSummary.State.DONE);
        assertThat(run.offsetsPlanned()).isZero();
    }

    @Test
    void aRunWithNothingToDoWhoseOffsetsArePublishedEndsAfterItsPlan() {
        kafka.published = new StateSize(8, 800L);

        RunSummary run = run(Jobs.voltage());

        assertThat(kafka.calls).containsExactly("listPartitions shared");
        assertThat(run.state()).isEqualTo(RunSummary.State.DONE);
        assertThat(run.stateSize()).isEqualTo(new StateSize(8, 800L));
    }

    @Test
    void aRunWithSomethingToDoCommitsAlsoIfTheOffsetsBeforeItArePublished() {
        kafka.published = new StateSize(8, 800L);
        kafka.append(0, 10);

        run(Jobs.voltage());

        assertThat(kafka.calls("commitOffsets")).hasSize(1);
    }

    @Test
    void aRunEndsWithTheSizeOfTheStateThatItsLastStepHasRead() {
        kafka.append(0, 10);

        assertThat(run(Jobs.voltage()).stateSize()).isEqualTo(new StateSize(7, 700L));
        kafka.stateSize = null;
        assertThat(run(Jobs.voltage()).stateSize())
                .as("a worker of an earlier release commits")
                .isNull();
    }

    @Test
    void aSecondRunReadsOnlyWhatIsNew() {
        kafka.append(0, 10);
        run(Jobs.voltage());
        kafka.append(0, 5);

        RunSummary second = run(Jobs.voltage());

        assertThat(kafka.calls("consume")).containsExactly("consume shared 0[0..10]", "consume shared 0[10..15]");
        assertThat(second.counts().folded()).isEqualTo(5);
    }

    @Test
    void offsetsAreCommittedOnceAfterEveryPartition() {
        for (int partition = 0; partition < 40; partition++) {
            kafka.append(partition, 10);
        }

        run(Jobs.voltage());

        assertThat(kafka.calls("commitOffsets")).hasSize(1);
        assertThat(kafka.calls.get(kafka.calls.size() - 1)).startsWith("commitOffsets");
    }

    @Test
    void aPartitionThatCannotBePlannedFailsTheRunAndNothingElse() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        kafka.problems.add(new PartitionProblem(1, FailureKind.RETENTION_GAP, "offset 4 is gone"));

        ApplicationFailure failure = failure(Jobs.voltage());

        assertThat(failure.getType()).isEqualTo("PARTITIONS_FAILED");
        assertThat(failure.getOriginalMessage()).contains("airflow-input-topic[1] RETENTION_GAP: offset 4 is gone");
        assertThat(kafka.through(0)).isEqualTo(10);
        assertThat(kafka.calls("commitOffsets")).hasSize(1);
    }

    @Test
    void aPlanThatIsRefusedEndsTheRunWithItsReason() {
        kafka.trouble = (activity, ranges) -> {
            throw FakeKafka.fatal(FailureKind.JOB_CHANGED, "window.every was \"day\" and is now \"hour\"");
        };

        ApplicationFailure failure = failure(Jobs.voltage());

        assertThat(failure.getType()).isEqualTo("JOB_CHANGED");
        assertThat(failure.getOriginalMessage()).isEqualTo("window.every was \"day\" and is now \"hour\"");
        assertThat(summary(failure).state()).isEqualTo(RunSummary.State.FAILED);
        assertThat(kafka.calls).containsExactly("listPartitions shared");
    }

    @Test
    void aCommitThatIsRefusedFailsTheRunAndSaysThatRowsAreDurable() {
        kafka.append(0, 10);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("commitOffsets")) {
                throw FakeKafka.fatal(FailureKind.GROUP_HAS_MEMBERS, "the group has 1 member");
            }
        };

        ApplicationFailure failure = failure(Jobs.voltage());

        assertThat(failure.getType()).isEqualTo("GROUP_HAS_MEMBERS");
        assertThat(failure.getOriginalMessage()).contains("rows are durable", "the group has 1 member");
        assertThat(summary(failure).done()).isEqualTo(1);
    }

    @Test
    void aHundredSlicesNeedNoChildren() {
        for (int partition = 0; partition < 100; partition++) {
            kafka.append(partition, 1);
        }

        run(Jobs.voltage());

        assertThat(childrenOfBody()).isZero();
    }

    @Test
    void theHistoriesOfFiveThousandPartitionsStayShort() {
        for (int partition = 0; partition < 5_000; partition++) {
            kafka.append(partition, 1);
        }

        run(Jobs.sharedBy(32));

        assertThat(childrenOfBody()).isEqualTo(2);
        assertThat(client.fetchHistory(Jobs.BODY).getEvents()).hasSizeLessThan(100);
        assertThat(client.fetchHistory(Jobs.BODY + "/slices-000-099").getEvents())
                .as("a hundred chains of three activities, each of three events and most of a workflow task's three")
                .hasSizeLessThan(100 * 3 * 6 + 100);
    }

    @Test
    void theLargestPayloadOfTenThousandPartitionsIsFarBelowTwoMebibytes() {
        for (int partition = 0; partition < 10_000; partition++) {
            // Large offsets, so that their JSON is as long as possible.
            kafka.append(partition, 1_000_000_000_001L);
            kafka.overtake(partition, 1_000_000_000_000L);
        }

        run(Jobs.sharedBy(1_000));

        assertThat(client.fetchHistory(Jobs.BODY).getEvents())
                .extracting(HistoryEvent::getSerializedSize)
                .allSatisfy(bytes -> assertThat(bytes).isLessThan(1024 * 1024));
    }

    @Test
    void manySlicesGoThroughChildrenOfAHundred() {
        for (int partition = 0; partition < 600; partition++) {
            kafka.append(partition, 1);
        }
        kafka.append(234, 2);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume") && ranges.get(0).partition() == 400) {
                throw FakeKafka.fatal(FailureKind.BAD_RECORD, "offset 0 has no field voltage");
            }
        };

        ApplicationFailure failure = failure(Jobs.voltage());

        RunSummary run = summary(failure);
        assertThat(run.done()).isEqualTo(599);
        assertThat(run.failed()).isEqualTo(1);
        assertThat(run.offsetsDone()).isEqualTo(601);
        assertThat(run.details()).hasSize(RunSummary.MAX_DETAILS);
        assertThat(run.details().get(0).partition())
                .as("the most records first")
                .isEqualTo(234);
        assertThat(run.problems())
                .containsExactly(new PartitionProblem(400, FailureKind.BAD_RECORD, "offset 0 has no field voltage"));
        assertThat(childrenOfBody()).isEqualTo(6);
        assertThat(client.newUntypedWorkflowStub(Jobs.BODY + "/slices-500-599")
                        .query("status", RunSummary.class)
                        .done())
                .isEqualTo(100);
    }

    @Test
    void aRunOutOfTimeNamesWhatIsNotDoneAndCommitsTheRest() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("produce") && ranges.get(0).partition() == 1) {
                throw ApplicationFailure.newFailure("no answer", FailureKind.KAFKA_UNAVAILABLE.name());
            }
        };
        long before = temporal.currentTimeMillis();

        RunSummary run = summary(failure(Jobs.with("time", "10m")));

        assertThat(run.problems()).containsExactly(new PartitionProblem(1, FailureKind.KAFKA_UNAVAILABLE, "no answer"));
        assertThat(run.done()).isEqualTo(1);
        assertThat(run.endedAt() - before).isLessThanOrEqualTo(11 * 60_000L);
        assertThat(kafka.calls("commitOffsets")).hasSize(1);
    }

    @Test
    void aRunWhoseHistoryIsFullEndsWellAndLeavesTheRest() {
        // Each chain has a name of a megabyte four times in its results and inputs.
        kafka.fileNames = "f".repeat(1_000_000);
        kafka.append(0, 100);

        RunSummary first = run(Jobs.with("offsetsPerPiece", 5));

        assertThat(first.state()).isEqualTo(RunSummary.State.DONE);
        assertThat(first.waiting()).isEqualTo(1);
        assertThat(first.left()).isPositive().isEqualTo(100 - first.offsetsDone());
        assertThat(first.leftBy()).isEqualTo("30 MiB of history");
        assertThat(kafka.calls("commitOffsets")).hasSize(1);
    }

    @Test
    void aGroupHasAtMostTenThousandPartitions() {
        JobSpec job = JobSpec.fromJson(Jobs.sharedBy(1_000));
        List<PartitionRange> ranges = IntStream.range(0, 25_500)
                .mapToObj(partition -> new PartitionRange(partition, 0, 1))
                .toList();

        assertThat(Slices.groups(job, ranges, Stages.SLICES_PER_GROUP, Stages.PARTITIONS_PER_GROUP))
                .extracting(List::size)
                .containsExactly(10_000, 10_000, 5_500);
    }

    @Test
    void planAndCommitComeFirstAndJobsTakeTurns() {
        kafka.append(0, 1);

        run(Jobs.voltage());

        assertThat(client.fetchHistory(Jobs.BODY).getEvents())
                .map(HistoryEvent::getActivityTaskScheduledEventAttributes)
                .filteredOn(event -> event.hasActivityType())
                .extracting(
                        event -> event.getActivityType().getName(),
                        event -> event.getPriority().getPriorityKey(),
                        event -> event.getPriority().getFairnessKey())
                .containsExactly(
                        tuple("listPartitions", 1, "voltage-daily"),
                        tuple("consume", 3, "voltage-daily"),
                        tuple("aggregate", 2, "voltage-daily"),
                        tuple("produce", 2, "voltage-daily"),
                        tuple("commitOffsets", 1, "voltage-daily"));
    }

    @Test
    void slicesThatDidNotStartInTimeAreNamed() {
        for (int partition = 0; partition < 3; partition++) {
            kafka.append(partition, 10);
        }
        kafka.mostPerConsume = 0;
        // With one slice at once, and a first slice that reads nothing, the others never start.
        var job = Jobs.with("time", "10m");
        job.withObject("/limits").put("slicesInFlight", 1);

        RunSummary run = summary(failure(job));

        assertThat(run.failed()).isEqualTo(3);
        assertThat(kafka.calls("consume shared 2")).isEmpty();
        assertThat(run.problems().get(2).kind()).isEqualTo(FailureKind.TIME_OVER);
        assertThat(run.problems().get(2).message()).contains("resumes at offset 0, 10 offsets are left");
        assertThat(kafka.calls("commitOffsets")).hasSize(1);
    }

    @Test
    void aCancelledRunStopsCommitsWhatIsDurableAndEndsCancelled() throws InterruptedException {
        kafka.append(0, 10);
        kafka.append(1, 10);
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch oneIsDone = new CountDownLatch(1);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("produce")) {
                oneIsDone.countDown();
            }
            if (activity.equals("consume") && ranges.get(0).partition() == 1) {
                reading.countDown();
                readUntilCancelled();
            }
        };
        WorkflowStub run = start("run", Jobs.voltage());
        reading.await();
        oneIsDone.await();

        run.cancel();

        assertThatThrownBy(() -> inRealTime(run).getResult(RunSummary.class))
                .isInstanceOf(WorkflowFailedException.class)
                .hasCauseInstanceOf(CanceledFailure.class);
        assertThat(kafka.calls("commitOffsets")).hasSize(1);
        assertThat(kafka.through(1)).isZero();
        assertThat(run.query("status", RunSummary.class).error()).isEqualTo("the run was cancelled");
        assertThat(events(Jobs.BODY, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED))
                .isEqualTo(1);
    }

    @Test
    void aRunThatIsCancelledWhileItPlansHasNothingToCommit() {
        // The test server loses a cancellation that arrives during an attempt that then fails, so the test cancels
        // between two attempts.
        kafka.trouble = (activity, ranges) -> {
            throw ApplicationFailure.newBuilder()
                    .setMessage("no answer")
                    .setType(FailureKind.KAFKA_UNAVAILABLE.name())
                    .setNextRetryDelay(Duration.ofMinutes(10))
                    .build();
        };
        WorkflowStub run = start("run", Jobs.voltage());
        await().ignoreExceptions().until(() -> attempts(Jobs.BODY) > 1);

        run.cancel();

        assertThatThrownBy(() -> inRealTime(run).getResult(RunSummary.class)).hasCauseInstanceOf(CanceledFailure.class);
        assertThat(kafka.calls("commitOffsets")).isEmpty();
    }

    @Test
    void theSummariesNameTopicAndPartition() {
        kafka.append(3, 1200);

        run(Jobs.voltage());

        assertThat(client.fetchHistory(Jobs.BODY).getEvents())
                .extracting(
                        event -> event.getUserMetadata().getSummary().getData().toStringUtf8())
                .contains("\"airflow-input-topic to airflow-output-topic\"", "\"airflow-input-topic[3] 0..1200\"");
    }

    private long childrenOfBody() {
        return events(Jobs.BODY, EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED);
    }

    private long events(String workflowId, EventType type) {
        return client.fetchHistory(workflowId).getEvents().stream()
                .filter(event -> event.getEventType() == type)
                .count();
    }
}
