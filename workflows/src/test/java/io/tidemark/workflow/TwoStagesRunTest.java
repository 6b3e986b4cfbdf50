package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.RunSummary;
import io.tidemark.run.StateSize;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Runs of jobs with rows over all partitions. */
class TwoStagesRunTest extends WorkflowScene {
    private static ObjectNode overAll() {
        ObjectNode job = Jobs.voltage().put("scope", "topic");
        job.withObject("/output").put("partitions", 2);
        return job;
    }

    @Test
    void theSecondStageReadsWhatTheFirstHasWrittenAndTheOffsetsArePublishedLast() {
        kafka.append(0, 10);
        kafka.append(1, 20);
        kafka.append(2, 30);

        RunSummary run = run(overAll());

        assertThat(kafka.calls("listPartitions")).hasSize(1);
        assertThat(kafka.calls("consume")).hasSize(3);
        assertThat(kafka.totals().calls("consume"))
                .containsExactlyInAnyOrder("consume shared 0[0..2]", "consume shared 1[0..1]");
        assertThat(kafka.calls.get(kafka.calls.size() - 1)).startsWith("commitOffsets");
        assertThat(run.counts().folded()).as("records, not partial totals").isEqualTo(60);
        assertThat(run.offsetsDone()).isEqualTo(60);
        assertThat(run.totals().done()).isEqualTo(2);
        assertThat(run.totals().input()).isEqualTo("tidemark.voltage-daily.partials");
    }

    @Test
    void aRunWithNothingNewAddsWhatAnEarlierOneHasLeft() {
        kafka.totals().append(1, 4);

        RunSummary run = run(overAll());

        assertThat(kafka.calls).containsExactly("listPartitions shared", "commitOffsets shared");
        assertThat(kafka.totals().calls("produce")).containsExactly("produce host 1[0..4]");
        assertThat(run.state()).isEqualTo(RunSummary.State.DONE);
        assertThat(run.rows()).isEqualTo(1);
    }

    @Test
    void aRunWithNothingToDoInBothStagesWhoseOffsetsArePublishedDoesNotCommit() {
        kafka.published = new StateSize(8, 800L);

        assertThat(run(overAll()).state()).isEqualTo(RunSummary.State.DONE);
        assertThat(kafka.calls("commitOffsets")).isEmpty();
        assertThat(kafka.totals().calls).containsExactly("listPartitions shared");

        kafka.totals().append(1, 4);
        run(overAll());
        assertThat(kafka.calls("commitOffsets"))
                .as("a reader must see the rows")
                .hasSize(1);
    }

    @Test
    void anOutputPartitionThatFailsFailsTheRunAfterTheOthersAndTheCommit() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        kafka.totals().verdicts.put(1, new ConcurrentLinkedDeque<>(List.of(Verdict.FAILED)));

        ApplicationFailure failure = failure(overAll());

        assertThat(failure.getType()).isEqualTo("PARTITIONS_FAILED");
        assertThat(failure.getOriginalMessage())
                .contains("1 of 2 partitions of tidemark.voltage-daily.partials failed: 1")
                .contains("tidemark.voltage-daily.partials[1] STATE_LOST");
        assertThat(kafka.totals().through(0)).isEqualTo(1);
        assertThat(kafka.calls("commitOffsets")).hasSize(1);
        assertThat(summary(failure).failed()).as("input partitions").isZero();
    }

    @Test
    void anInputPartitionThatFailsKeepsNoOtherFromTheRows() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        kafka.verdicts.put(0, new ConcurrentLinkedDeque<>(List.of(Verdict.FAILED)));

        ApplicationFailure failure = failure(overAll());

        assertThat(failure.getOriginalMessage()).contains("airflow-input-topic[0] STATE_LOST");
        assertThat(kafka.totals().calls("produce")).isNotEmpty();
        assertThat(kafka.calls("commitOffsets")).hasSize(1);
    }

    @Test
    void aSecondStageThatCannotBePlannedSaysWhatIsDurable() {
        kafka.append(0, 10);
        kafka.totals().trouble = (activity, ranges) -> {
            throw FakeKafka.fatal(FailureKind.PARTIALS_LOST, "the topic was deleted");
        };

        ApplicationFailure failure = failure(overAll());

        assertThat(failure.getType()).isEqualTo("PARTIALS_LOST");
        assertThat(failure.getOriginalMessage()).contains("partial totals are durable", "the topic was deleted");
        assertThat(kafka.calls("commitOffsets")).isEmpty();
    }

    /** A run whose budget is always used up would otherwise never write a row. */
    @Test
    void aBudgetOfTimeEndsTheFirstStageButNotTheSecond() {
        ObjectNode job = overAll();
        job.withObject("/limits")
                .put("offsetsPerPiece", 10)
                .put("heartbeat", "2h")
                .put("hostTimeout", "2h");
        job.withObject("/budget").put("time", "1m");
        kafka.append(0, 95);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume")) {
                temporal.sleep(Duration.ofMinutes(2));
            }
        };

        RunSummary run = run(job);

        assertThat(run.leftBy()).isEqualTo("budget.time 1m");
        assertThat(run.offsetsDone()).isEqualTo(10);
        assertThat(run.totals().leftBy()).isNull();
        assertThat(run.rows()).isEqualTo(2);
    }

    /** Which windows may close by event time is known only when all partitions are read. */
    @Test
    void byEventTimeTheFirstStageIsPlannedAgainAndClosesWithoutReading() {
        ObjectNode job = overAll();
        job.withObject("/close").put("after", "1d").put("by", "eventTime");
        kafka.append(0, 10);

        run(job);

        assertThat(kafka.calls("listPartitions")).hasSize(2);
    }

    @Test
    void aCancelledSecondStagePublishesWhatIsInRows() throws Exception {
        kafka.append(0, 10);
        CountDownLatch reading = new CountDownLatch(1);
        kafka.totals().trouble = (activity, ranges) -> {
            if (activity.equals("consume")) {
                reading.countDown();
                readUntilCancelled();
            }
        };
        WorkflowStub run = start("run", overAll());
        reading.await();

        run.cancel();

        assertThatThrownBy(() -> inRealTime(run).getResult(RunSummary.class))
                .isInstanceOf(WorkflowFailedException.class)
                .hasCauseInstanceOf(CanceledFailure.class);
        assertThat(kafka.calls("commitOffsets")).hasSize(1);
        assertThat(kafka.through(0)).isEqualTo(10);
        assertThat(kafka.totals().through(0)).isZero();
    }
}
