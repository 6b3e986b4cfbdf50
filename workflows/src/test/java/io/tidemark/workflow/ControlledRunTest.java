package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.activity.Activity;
import io.temporal.api.enums.v1.EventType;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What people ask of a run in progress: finish, skip a partition, process more or fewer slices at once. */
@Timeout(60)
class ControlledRunTest extends WorkflowScene {
    private final AtomicReference<String> answer = new AtomicReference<>();

    @Test
    void aRunThatIsAskedToFinishWritesWhatItHasReadAndSucceeds() {
        kafka.append(0, 95);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume") && answer.get() == null) {
                answer.set(body().update("finish", String.class));
            }
        };

        RunSummary run = run(splits());

        assertThat(answer.get())
                .isEqualTo(
                        "the run of voltage-daily starts nothing more. It writes and publishes what it has read, which"
                                + " takes about a minute, and leaves the rest to the next run");
        assertThat(kafka.calls)
                .containsExactly(
                        "listPartitions shared",
                        "consume shared 0[0..10]",
                        "aggregate host 0[0..10]",
                        "produce host 0[0..10]",
                        "commitOffsets shared");
        assertThat(run.state()).isEqualTo(State.DONE);
        assertThat(run.leftBy()).isEqualTo("finished early on request");
        assertThat(List.of(run.offsetsDone(), run.left())).containsExactly(10L, 85L);
        assertThat(List.of(run.done(), run.failed(), run.waiting())).containsExactly(0, 0, 1);

        RunSummary next = run(splits());

        assertThat(List.of(next.offsetsDone(), next.left())).containsExactly(85L, 0L);
        assertThat(next.leftBy()).isNull();
    }

    @Test
    void aRunThatIsFinishedWhileItPlansReadsNothing() {
        kafka.append(0, 20);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("listPartitions")) {
                body().update("finish", String.class);
            }
        };

        RunSummary run = run(splits());

        assertThat(kafka.calls).containsExactly("listPartitions shared", "commitOffsets shared");
        assertThat(run.state()).isEqualTo(State.DONE);
        assertThat(run.left()).isEqualTo(20);
    }

    /** The request goes from the started workflow to the body, and from there to the groups. */
    @Test
    void groupsHearOfTheRequestToo() {
        for (int partition = 0; partition < 250; partition++) {
            kafka.append(partition, 10);
        }
        CountDownLatch reading = new CountDownLatch(3);
        AtomicBoolean asked = new AtomicBoolean();
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume")) {
                reading.countDown();
                awaits(reading);
                if (asked.compareAndSet(false, true)) {
                    client.newUntypedWorkflowStub("run").update("finish", String.class);
                }
                awaitSignalOfThisWorkflow();
            }
        };

        RunSummary run = run(Jobs.with("slicesInFlight", 1));

        assertThat(kafka.calls("consume")).as("one of each group").hasSize(3);
        assertThat(run.state()).isEqualTo(State.DONE);
        assertThat(List.of(run.done(), run.waiting(), run.failed())).containsExactly(3, 247, 0);
        assertThat(run.leftBy()).isEqualTo("finished early on request");
    }

    @Test
    void aPartitionThatIsBeingReadIsSkippedAndTheOthersAreRead() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        readForEver(1);
        WorkflowStub run = start("run", Jobs.voltage());
        awaitCall("consume shared 1[0..10]");

        String skipped = body().update("skip", String.class, 1);

        RunSummary end = run.getResult(RunSummary.class);
        assertThat(skipped).isEqualTo("the run of voltage-daily leaves partition 1 to the next run");
        assertThat(end.state()).isEqualTo(State.DONE);
        assertThat(end.leftBy()).isEqualTo("partition 1 skipped on request");
        assertThat(List.of(end.done(), end.waiting(), end.failed())).containsExactly(1, 1, 0);
        assertThat(List.of(kafka.through(0), kafka.through(1))).containsExactly(10L, 0L);
        kafka.trouble = (activity, ranges) -> {};
        assertThat(run(Jobs.voltage()).offsetsDone()).as("the next run").isEqualTo(10);
    }

    @Test
    void aSliceOfSeveralPartitionsGoesOnWithoutTheSkippedOne() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        kafka.append(2, 10);
        readForEver(1);
        WorkflowStub run = start("run", Jobs.sharedBy(3));
        awaitCall("consume shared 0[0..10] 1[0..10] 2[0..10]");

        body().update("skip", String.class, 1);

        RunSummary end = run.getResult(RunSummary.class);
        assertThat(kafka.calls("produce")).containsExactly("produce host 0[0..10] 2[0..10]");
        assertThat(List.of(end.done(), end.waiting(), end.failed())).containsExactly(2, 1, 0);
    }

    @Test
    void aGroupSkipsItsPartition() {
        for (int partition = 0; partition < 101; partition++) {
            kafka.append(partition, 10);
        }
        readForEver(100);
        WorkflowStub run = start("run", Jobs.voltage());
        awaitCall("consume shared 100[0..10]");

        client.newUntypedWorkflowStub("run").update("skip", String.class, 100);

        RunSummary end = run.getResult(RunSummary.class);
        assertThat(List.of(end.done(), end.waiting(), end.failed())).containsExactly(100, 1, 0);
        assertThat(end.leftBy()).isEqualTo("partition 100 skipped on request");
    }

    @Test
    void aCancellationAfterASkipStillCancels() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        readForEver(0);
        FakeKafka.Trouble zero = kafka.trouble;
        kafka.trouble = (activity, ranges) -> {
            zero.in(activity, ranges);
            if (activity.equals("consume") && ranges.get(0).partition() == 1) {
                readUntilCancelled();
            }
        };
        WorkflowStub run = start("run", Jobs.voltage());
        awaitCall("consume shared 0[0..10]");
        awaitCall("consume shared 1[0..10]");
        body().update("skip", String.class, 0);

        run.cancel();

        assertThatThrownBy(() -> inRealTime(run).getResult(RunSummary.class)).hasCauseInstanceOf(CanceledFailure.class);
    }

    @Test
    void moreSlicesAreProcessedAtOnceFromThenOn() {
        for (int partition = 0; partition < 3; partition++) {
            kafka.append(partition, 10);
        }
        CountDownLatch three = new CountDownLatch(3);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume")) {
                if (answer.get() == null) {
                    answer.set(body().update("parallel", String.class, 3));
                }
                three.countDown();
                awaits(three);
            }
        };

        assertThat(run(Jobs.with("slicesInFlight", 1)).done()).isEqualTo(3);
        assertThat(answer.get())
                .isEqualTo(
                        "the run of voltage-daily processes 3 slices at once from now on, in each group of 100 slices."
                                + " Transactions that have begun are completed");
    }

    @Test
    void fewerSlicesAreProcessedAtOnceFromTheNextTransactionOn() {
        for (int partition = 0; partition < 3; partition++) {
            kafka.append(partition, 30);
        }
        CountDownLatch three = new CountDownLatch(3);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume") && ranges.get(0).from() == 0) {
                three.countDown();
                awaits(three);
                if (ranges.get(0).partition() == 0) {
                    body().update("parallel", String.class, 1);
                }
            } else if (activity.equals("aggregate")
                    && ranges.get(0).from() == 0
                    && ranges.get(0).partition() > 0) {
                // Not before the request has arrived.
                await().until(() -> kafka.calls.contains("aggregate host 0[0..10]"));
            }
        };

        assertThat(run(Jobs.with("offsetsPerPiece", 10)).done()).isEqualTo(3);

        List<String> later = kafka.calls.stream()
                .filter(each -> each.matches(".*\\[[12]0\\.\\..*"))
                .toList();
        assertThat(later).hasSize(18);
        for (int at = 0; at < 18; at += 3) {
            String range = later.get(at).replace("consume shared ", "");
            assertThat(later.subList(at, at + 3))
                    .containsExactly("consume shared " + range, "aggregate host " + range, "produce host " + range);
        }
    }

    @Test
    void aRequestThatWouldHaveNoEffectIsRejectedWithTheReason() {
        kafka.append(0, 10);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume")) {
                answer.set(rejected("skip", 7));
                rejected("skip", -1);
                assertThat(rejected("parallel", 51))
                        .isEqualTo(
                                "the number of slices at once must be from 1 to 50, as limits.slicesInFlight, but is 51");
            } else if (activity.equals("commitOffsets")) {
                assertThat(rejected("finish"))
                        .isEqualTo("the run of voltage-daily has read everything. It writes what is left, publishes its"
                                + " offsets, and ends by itself");
            }
        };

        assertThat(run(Jobs.voltage()).done()).isEqualTo(1);
        assertThat(answer.get())
                .isEqualTo(
                        "the run of voltage-daily does not process partition 7 of its input: it does not exist, had no"
                                + " new records, is done, or has failed. See ./tidemark status voltage-daily");
    }

    @Test
    void aRunThatWaitsForAnotherOneCannotBeFinished() {
        kafka.append(0, 10);
        readForEver(0);
        ObjectNode job = Jobs.voltage().put("overlap", "wait");
        WorkflowStub first = start("first", job);
        awaitCall("consume shared 0[0..10]");
        WorkflowStub second = start("second", job);
        await().until(() -> client.fetchHistory("second").getEvents().stream()
                .anyMatch(each -> each.getEventType() == EventType.EVENT_TYPE_TIMER_STARTED));

        WorkflowUpdateException refused =
                catchThrowableOfType(WorkflowUpdateException.class, () -> second.update("finish", String.class));

        assertThat(refused.getCause())
                .hasMessageContaining(
                        "the run of voltage-daily has not begun, or waits for another run of the job to end."
                                + " To give it up, cancel it with ./tidemark cancel second");
        second.terminate("the test is over");
        body().update("skip", String.class, 0);
        assertThat(first.getResult(RunSummary.class).waiting()).isEqualTo(1);
    }

    private WorkflowStub body() {
        return client.newUntypedWorkflowStub(Jobs.BODY);
    }

    private String rejected(String update, Object... arguments) {
        WorkflowUpdateException refused = catchThrowableOfType(
                WorkflowUpdateException.class, () -> body().update(update, String.class, arguments));
        return ((ApplicationFailure) refused.getCause()).getOriginalMessage();
    }

    /** Makes the reads of a partition last until they are cancelled. */
    private void readForEver(int partition) {
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume") && ranges.stream().anyMatch(each -> each.partition() == partition)) {
                readUntilCancelled();
            }
        };
    }

    private void awaitCall(String call) {
        await().until(() -> kafka.calls.contains(call));
    }

    private void awaitSignalOfThisWorkflow() {
        String workflow = Activity.getExecutionContext().getInfo().getWorkflowId();
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> client.fetchHistory(workflow).getEvents().stream()
                        .anyMatch(each -> each.getEventType() == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED));
    }

    private static void awaits(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not so many activities at once");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Splits of ten offsets. */
    private static ObjectNode splits() {
        return Jobs.with("offsetsPerSplit", 10);
    }
}
