package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.RunSummary;
import io.tidemark.state.Mark;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs that close windows. Each window is named by a number, as its start. */
class ClosingRunTest extends WorkflowScene {
    @BeforeEach
    void threeOfFourWindowsMayBeClosed() {
        kafka.open(0, 1L, 2L, 3L, 4L);
        kafka.target = 4;
    }

    @Test
    void aPartitionWithoutNewRecordsCloses() {
        kafka.append(0, 10);
        kafka.overtake(0, 10);

        RunSummary run = run(Jobs.closing("run"));

        assertThat(kafka.calls)
                .containsExactly(
                        "listPartitions shared",
                        "consume shared 0[10..10] closing 4",
                        "aggregate host 0[10..10] closing 4",
                        "produce host 0[10..10] closing 4",
                        "commitOffsets shared");
        assertThat(kafka.closedBefore(0)).isEqualTo(4);
        assertThat(List.of(run.idle(), run.done())).containsExactly(0, 1);
        assertThat(List.of(run.offsetsDone(), run.closedWindows(), run.finalRows()))
                .containsExactly(0L, 3L, 3L);
        assertThat(run.details())
                .extracting(PartitionResult::through, PartitionResult::closedWindows)
                .containsExactly(tuple(10L, 3L));
        assertThat(RunLabels.details(run, List.of()))
                .contains("\n3 windows closed with 3 final rows, 0 late records\n");
    }

    @Test
    void aPartitionWithNothingToDoHasNoBatch() {
        kafka.append(0, 10);
        kafka.overtake(0, 10);
        kafka.close(0, 4);

        assertThat(run(Jobs.closing("run")).idle()).isEqualTo(1);
        assertThat(kafka.calls).containsExactly("listPartitions shared", "commitOffsets shared");
    }

    @Test
    void windowsThatDoNotFitIntoABatchAreClosedByEmptyOnes() {
        kafka.append(0, 10);
        kafka.closesAtOnce = 1;

        RunSummary run = run(Jobs.closing("run"));

        assertThat(kafka.calls("produce"))
                .containsExactly(
                        "produce host 0[0..10] closing 4",
                        "produce host 0[10..10] closing 4",
                        "produce host 0[10..10] closing 4");
        assertThat(List.of(run.offsetsDone(), run.closedWindows())).containsExactly(10L, 3L);
        assertThat(run.done()).isEqualTo(1);
    }

    @Test
    void onlyTheLastPieceCloses() {
        kafka.append(0, 25);
        ObjectNode job = Jobs.closing("run");
        job.withObject("/limits").put("offsetsPerPiece", 10).put("offsetsPerSplit", 4);

        run(job);

        assertThat(kafka.calls("produce"))
                .containsExactly("produce host 0[0..10]", "produce host 0[10..20]", "produce host 0[20..25] closing 4");
        assertThat(kafka.calls("consume"))
                .filteredOn(each -> each.contains("closing"))
                .as("the split with the end of the plan")
                .containsExactly("consume host 0[23..25] closing 4");
    }

    @Test
    void theRestOfAShortReadHasTheEndOfThePlan() {
        kafka.append(0, 10);
        kafka.mostPerConsume = 6;

        run(Jobs.closing("run"));

        assertThat(kafka.calls("consume"))
                .containsExactly("consume shared 0[0..10] closing 4", "consume host 0[6..10] closing 4");
        assertThat(kafka.calls("produce")).containsExactly("produce host 0[0..10] closing 4");
    }

    @Test
    void anAttemptThatCommittedWithoutClosingIsFollowedByAnEmptyBatch() {
        kafka.append(0, 10);
        atFirst("aggregate", () -> kafka.overtake(0, 10));

        RunSummary run = run(Jobs.closing("run"));

        assertThat(kafka.calls("produce"))
                .containsExactly("produce host 0[0..10] closing 4", "produce host 0[10..10] closing 4");
        assertThat(kafka.closedBefore(0)).isEqualTo(4);
        assertThat(run.counts().folded()).as("records that somebody else wrote").isZero();
    }

    @Test
    void aRunThatIsOvertakenClosesAtTheEndOfTheOther() {
        kafka.append(0, 10);
        atFirst("aggregate", () -> kafka.overtake(0, 12));

        RunSummary run = run(Jobs.closing("run"));

        assertThat(kafka.calls("produce"))
                .containsExactly("produce host 0[0..10] closing 4", "produce host 0[12..12] closing 4");
        assertThat(run.offsetsDone()).isEqualTo(10);
    }

    @Test
    void windowsThatAnotherRunClosedMakeABatchStale() {
        kafka.append(0, 10);
        atFirst("aggregate", () -> kafka.close(0, 2));

        RunSummary run = run(Jobs.closing("run"));

        assertThat(kafka.calls("consume"))
                .as("read again, because other records are late now")
                .containsExactly("consume shared 0[0..10] closing 4", "consume shared 0[0..10] closing 4");
        assertThat(run.closedWindows()).as("by this run").isEqualTo(2);
        assertThat(run.counts().folded()).isEqualTo(10);
    }

    @Test
    void aLostAnswerIsFoundDone() {
        kafka.append(0, 10);
        AtomicInteger produced = new AtomicInteger();
        kafka.afterProduce = () -> {
            if (produced.incrementAndGet() == 1) {
                throw ApplicationFailure.newFailure("no answer", FailureKind.KAFKA_UNAVAILABLE.name());
            }
        };

        RunSummary run = run(Jobs.closing("run"));

        assertThat(kafka.calls("produce"))
                .containsExactly("produce host 0[0..10] closing 4", "produce host 0[0..10] closing 4");
        assertThat(run.done()).isEqualTo(1);
        assertThat(kafka.closedBefore(0)).isEqualTo(4);
    }

    @Test
    void aLostAnswerOfAnEmptyBatchIsFoundDone() {
        kafka.append(0, 10);
        kafka.overtake(0, 10);
        AtomicInteger produced = new AtomicInteger();
        kafka.afterProduce = () -> {
            if (produced.incrementAndGet() == 1) {
                throw ApplicationFailure.newFailure("no answer", FailureKind.KAFKA_UNAVAILABLE.name());
            }
        };

        assertThat(run(Jobs.closing("run")).done()).isEqualTo(1);
        assertThat(kafka.calls("consume")).hasSize(1);
    }

    @Test
    void lostFilesOfAnEmptyBatchAreStagedAgain() {
        kafka.append(0, 10);
        kafka.overtake(0, 10);
        kafka.verdicts.put(0, new ConcurrentLinkedDeque<>(List.of(Verdict.STAGED_LOST)));

        assertThat(run(Jobs.closing("run")).closedWindows()).isEqualTo(3);
        assertThat(kafka.calls("consume")).hasSize(2);
    }

    @Test
    void partitionsOfASliceCloseTogether() {
        kafka.append(0, 10);
        kafka.append(1, 5);
        kafka.overtake(1, 5);
        kafka.open(1, 1L);

        run(Jobs.closing("run").put("partitionsPerSlice", 2));

        assertThat(kafka.calls("produce")).containsExactly("produce host 0[0..10] closing 4 1[5..5] closing 4");
    }

    @Test
    void aRunThatABudgetStopsClosesNothing() {
        kafka.append(0, 25);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("produce")) {
                temporal.sleep(Duration.ofMinutes(2));
            }
        };
        ObjectNode job = Jobs.closing("run");
        job.withObject("/limits").put("offsetsPerPiece", 10).put("heartbeat", "1h");
        job.withObject("/budget").put("time", "1m");

        RunSummary run = run(job);

        assertThat(kafka.calls("produce")).containsExactly("produce host 0[0..10]");
        assertThat(kafka.closedBefore(0)).isEqualTo(Mark.NOTHING_CLOSED);
        assertThat(List.of(run.left(), run.closedWindows())).containsExactly(15L, 0L);
    }

    @Test
    void byEventTimeTheVerdictSaysWhatIsLeftToClose() {
        kafka.append(0, 10);
        kafka.closesAtOnce = 2;

        RunSummary run = run(Jobs.closing("eventTime"));

        assertThat(kafka.calls("produce")).containsExactly("produce host 0[0..10]", "produce host 0[10..10] closing 4");
        assertThat(run.closedWindows()).isEqualTo(3);
    }

    @Test
    void byEventTimeAPieceThatLeavesWindowsIsFollowedByTheNextPiece() {
        kafka.append(0, 15);
        kafka.closesAtOnce = 2;
        ObjectNode job = Jobs.closing("eventTime");
        job.withObject("/limits").put("offsetsPerPiece", 10);

        run(job);

        assertThat(kafka.calls("produce")).containsExactly("produce host 0[0..10]", "produce host 0[10..15]");
        assertThat(kafka.closedBefore(0)).isEqualTo(4);
    }

    private void atFirst(String activity, Runnable what) {
        AtomicInteger calls = new AtomicInteger();
        kafka.trouble = (name, ranges) -> {
            if (name.equals(activity) && calls.incrementAndGet() == 1) {
                what.run();
            }
        };
    }
}
