package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.api.enums.v1.EventType;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** A run with a budget of time ends successfully, without a gap in any partition, and reports what it left. */
class TimeBudgetTest extends WorkflowScene {

    @Test
    void afterItsBudgetARunWritesWhatItHasReadAndSucceeds() {
        kafka.append(0, 95);
        passTimeIn("consume", ranges -> true);

        RunSummary run = run(job());

        assertThat(kafka.calls)
                .containsExactly(
                        "listPartitions shared",
                        "consume shared 0[0..10]",
                        "aggregate host 0[0..10]",
                        "produce host 0[0..10]",
                        "commitOffsets shared");
        assertThat(run.state()).isEqualTo(State.DONE);
        assertThat(List.of(run.done(), run.failed(), run.waiting(), run.idle())).containsExactly(0, 0, 1, 0);
        assertThat(List.of(run.offsetsPlanned(), run.offsetsDone(), run.left())).containsExactly(95L, 10L, 85L);
        assertThat(run.leftBy()).isEqualTo("budget.time 1m");

        kafka.trouble = (activity, ranges) -> {};
        RunSummary next = run(job());

        assertThat(List.of(next.offsetsDone(), next.left())).containsExactly(85L, 0L);
        assertThat(next.leftBy()).isNull();
        assertThat(next.counts().folded()).isEqualTo(85);
    }

    @Test
    void aRangeEndsBeforeTheFirstSplitThatIsNotWhole() {
        kafka.append(0, 95);
        PartitionRange third = new PartitionRange(0, 20, 30);
        kafka.mostFrom.put(third, 4L);
        passTimeIn("consume", ranges -> ranges.contains(third));

        RunSummary run = run(job());

        assertThat(kafka.calls("aggregate")).containsExactly("aggregate host 0[0..24]");
        assertThat(kafka.through(0)).isEqualTo(24);
        assertThat(run.counts().folded()).as("records counted once").isEqualTo(24);
        assertThat(List.of(run.offsetsDone(), run.left())).containsExactly(24L, 71L);
    }

    @Test
    void aGapInOnePartitionDoesNotShortenAnother() {
        kafka.append(0, 15);
        kafka.append(1, 15);
        // The second split contains the end of partition 0 and the start of partition 1.
        kafka.mostFrom.put(new PartitionRange(0, 0, 10), 7L);
        PartitionRange restOfFirst = new PartitionRange(0, 7, 10);
        kafka.mostFrom.put(restOfFirst, 1L);
        passTimeIn("consume", ranges -> ranges.contains(restOfFirst));

        RunSummary run = run(job().put("partitionsPerSlice", 2));

        assertThat(kafka.calls("consume host"))
                .containsExactlyInAnyOrder(
                        "consume host 0[7..10]", "consume host 0[10..15] 1[0..5]", "consume host 1[5..15]");
        assertThat(kafka.calls("produce")).containsExactly("produce host 0[0..8] 1[0..15]");
        assertThat(run.counts().folded()).isEqualTo(23);
        assertThat(List.of(run.done(), run.waiting())).containsExactly(1, 1);
        assertThat(run.left()).isEqualTo(7);
    }

    @Test
    void slicesThatDidNotStartAreReadByTheNextRuns() {
        for (int partition = 0; partition < 3; partition++) {
            kafka.append(partition, 10);
        }
        ObjectNode job = job();
        job.withObject("/limits").put("slicesInFlight", 1);
        passTimeIn("consume", ranges -> true);

        RunSummary first = run(job);

        assertThat(List.of(first.done(), first.waiting(), first.failed())).containsExactly(1, 2, 0);
        assertThat(first.left()).isEqualTo(20);
        assertThat(run(job).left()).isEqualTo(10);
        assertThat(run(job).left()).isZero();
        assertThat(List.of(kafka.through(0), kafka.through(1), kafka.through(2)))
                .containsExactly(10L, 10L, 10L);
    }

    /** A consume whose turn comes after the end of the budget reads nothing. */
    @Test
    void readsThatFoundTheTimeOverAreNotWaitedFor() {
        kafka.append(0, 50);
        kafka.trouble = (name, ranges) -> {
            if (name.equals("consume") && ranges.get(0).from() >= 10) {
                kafka.mostPerConsume = 0;
                temporal.sleep(Duration.ofMinutes(2));
            }
        };

        assertThat(run(job()).left()).isEqualTo(40);

        assertThat(client.fetchHistory(Jobs.BODY).getEvents())
                .extracting(event -> event.getEventType())
                .doesNotContain(EventType.EVENT_TYPE_TIMER_STARTED);
    }

    @Test
    void aRunReadsOneSplitEvenWithoutTime() {
        for (int partition = 0; partition < 250; partition++) {
            kafka.append(partition, 20);
        }
        passTimeIn("listPartitions", ranges -> true);

        RunSummary run = run(job());

        assertThat(kafka.calls("consume")).hasSize(1);
        assertThat(run.state()).isEqualTo(State.DONE);
        assertThat(List.of(run.done(), run.waiting(), run.partitions())).containsExactly(0, 250, 250);
        assertThat(List.of(run.offsetsDone(), run.left())).containsExactly(10L, 250 * 20L - 10);
        assertThat(client.fetchHistory(Jobs.BODY).getEvents())
                .filteredOn(
                        event -> event.getEventType() == EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED)
                .as("groups that were started")
                .hasSize(1);
    }

    @Test
    void theFailingPartitionOfASliceIsFoundEvenWithoutTime() {
        kafka.append(0, 20);
        kafka.append(1, 20);
        kafka.append(2, 20);
        passTimeIn("produce", ranges -> ranges.stream().anyMatch(each -> each.partition() == 1));
        FakeKafka.Trouble time = kafka.trouble;
        kafka.trouble = (activity, ranges) -> {
            time.in(activity, ranges);
            if (activity.equals("produce") && ranges.stream().anyMatch(each -> each.partition() == 1)) {
                throw FakeKafka.fatal(FailureKind.NOT_FINITE, "trouble with 1");
            }
        };

        ApplicationFailure failure = failure(job().put("partitionsPerSlice", 3));

        RunSummary run = summary(failure);
        assertThat(run.problems()).containsExactly(new PartitionProblem(1, FailureKind.NOT_FINITE, "trouble with 1"));
        assertThat(List.of(run.failed(), run.waiting())).containsExactly(1, 2);
        assertThat(List.of(kafka.through(0), kafka.through(1), kafka.through(2)))
                .as("each was tried once")
                .containsExactly(10L, 0L, 10L);
    }

    /** Splits of ten offsets, a budget of one minute, and no other limit that two minutes exceed. */
    private static ObjectNode job() {
        ObjectNode job = Jobs.voltage();
        job.withObject("/limits")
                .put("offsetsPerSplit", 10)
                .put("heartbeat", "2h")
                .put("hostTimeout", "2h");
        job.withObject("/budget").put("time", "1m");
        return job;
    }

    private void passTimeIn(String activity, Predicate<List<PartitionRange>> of) {
        kafka.trouble = (name, ranges) -> {
            if (name.equals(activity) && of.test(ranges)) {
                temporal.sleep(Duration.ofMinutes(2));
            }
        };
    }
}
