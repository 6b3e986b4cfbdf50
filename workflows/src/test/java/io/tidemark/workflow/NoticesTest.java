package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.run.FailureKind;
import io.tidemark.run.Notice;
import io.tidemark.run.Notice.Type;
import io.tidemark.run.RunSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a run tells a worker that has somebody to tell, and that a run is the same if nobody can be told. */
class NoticesTest extends WorkflowScene {
    private final Set<Type> wanted = EnumSet.allOf(Type.class);

    @Override
    Set<Type> wanted() {
        return wanted;
    }

    @Test
    void aRunWithNothingToTellHasNoEventMore() {
        run(Jobs.voltage());

        assertThat(told).isEmpty();
        assertThat(events("run"))
                .doesNotContain(EventType.EVENT_TYPE_MARKER_RECORDED, EventType.EVENT_TYPE_TIMER_STARTED);
    }

    @Test
    void aFailedRunIsToldWithItsKindAndNumbers() throws InterruptedException {
        kafka.append(0, 10);
        kafka.append(1, 10);
        failPartition(1);

        WorkflowStub run = start("run", Jobs.voltage());
        ApplicationFailure failure = failure(run);

        Notice notice = next();
        assertThat(notice.type()).isEqualTo(Type.FAILED);
        assertThat(notice.job()).isEqualTo("voltage-daily");
        assertThat(notice.workflowId()).isEqualTo("run");
        assertThat(notice.runId()).isEqualTo(run.getExecution().getRunId());
        assertThat(notice.kind()).isEqualTo("PARTITIONS_FAILED").isEqualTo(failure.getType());
        assertThat(notice.message()).isEqualTo(failure.getOriginalMessage()).contains("offset 3 has no field voltage");
        assertThat(notice.work())
                .isEqualTo(
                        new Notice.Work("airflow-input-topic", "airflow-output-topic", 2, 1, 20, 10, 0, 10, 0, 0, 1));
        assertThat(notice.deadline()).isZero();
        assertThat(notice.nominal()).isPositive().isLessThanOrEqualTo(notice.at());
    }

    @Test
    void aJobThatCannotBeReadIsToldByItsName() throws InterruptedException {
        ObjectNode job = Jobs.voltage();
        job.withObject("/aggregate").put("voltage", "median");

        failure(job);

        Notice notice = next();
        assertThat(notice.kind()).isEqualTo("INVALID_JOB");
        assertThat(notice.job()).isEqualTo("voltage-daily");
        assertThat(notice.message()).startsWith("aggregate.voltage: ");
        assertThat(notice.work()).isNull();
    }

    @Test
    void nothingIsToldThatTheSettingsDoNotAskFor() {
        wanted.remove(Type.FAILED);

        failure(Jobs.voltage().put("overlap", "perhaps"));

        assertThat(events("run")).doesNotContain(EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED);
    }

    @Test
    void aRunEndsAlthoughItsNoticeCannotBeDelivered() throws InterruptedException {
        CountDownLatch tried = new CountDownLatch(2);
        send = notice -> {
            tried.countDown();
            throw new IllegalStateException("the receiver answered 500");
        };

        WorkflowStub run = start("run", Jobs.voltage().put("overlap", "perhaps"));
        assertThat(failure(run).getType()).isEqualTo("INVALID_JOB");

        WorkflowStub notice =
                client.newUntypedWorkflowStub("run/failed/" + run.getExecution().getRunId());
        assertThat(notice.getResult(String.class)).startsWith("dropped: ").contains("the receiver answered 500");
        assertThat(tried.await(0, TimeUnit.SECONDS)).as("attempted again").isTrue();
    }

    @Test
    void aRunWithWarningsIsTold() throws InterruptedException {
        kafka.warnings = List.of("the output is not compacted");

        run(Jobs.voltage());

        Notice notice = next();
        assertThat(notice.type()).isEqualTo(Type.WARNED);
        assertThat(notice.warnings()).containsExactly("the output is not compacted");
    }

    @Test
    void aRunThatIsNotFinishedAtItsDeadlineIsToldWhileItRuns() throws InterruptedException {
        kafka.append(0, 10);
        CountDownLatch hasTold = new CountDownLatch(1);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume")) {
                temporal.sleep(Duration.ofMinutes(46));
                await(hasTold);
            }
        };
        send = notice -> {
            told.add(notice);
            hasTold.countDown();
            return "delivered";
        };
        ObjectNode job = Jobs.with("heartbeat", "2h");

        WorkflowStub run = start("run", job.put("deadline", "45m"));
        RunSummary summary = run.getResult(RunSummary.class);

        Notice notice = next();
        assertThat(notice.type()).isEqualTo(Type.LATE);
        assertThat(notice.deadline() - notice.nominal())
                .isEqualTo(Duration.ofMinutes(45).toMillis());
        assertThat(notice.message())
                .startsWith("The run is late: it had not ended by " + Instant.ofEpochMilli(notice.deadline()))
                .contains("deadline is 45m after its nominal time");
        assertThat(summary.state()).isEqualTo(RunSummary.State.DONE);
        assertThat(summary.counts().folded()).isEqualTo(10);
        assertThat(summary.warnings()).containsExactly(notice.message());
        assertThat(told).as("once, and not as a warning").isEmpty();
    }

    @Test
    void aRunThatEndsInTimeIsNotLate() {
        run(Jobs.voltage().put("deadline", "45m"));
        temporal.sleep(Duration.ofHours(1));

        assertThat(told).isEmpty();
        assertThat(events("run")).contains(EventType.EVENT_TYPE_TIMER_CANCELED);
    }

    @Test
    void aRunThatStartsAfterItsDeadlineIsLateAtOnce() throws InterruptedException {
        String yesterday = Instant.ofEpochMilli(temporal.currentTimeMillis())
                .minus(Duration.ofDays(1))
                .toString();
        RunSummary summary =
                start("run", Jobs.voltage().put("deadline", "45m"), yesterday).getResult(RunSummary.class);

        assertThat(next().type()).isEqualTo(Type.LATE);
        assertThat(summary.warnings()).singleElement().asString().startsWith("The run is late");
        assertThat(events("run")).doesNotContain(EventType.EVENT_TYPE_TIMER_STARTED);
    }

    @Test
    void aLateRunThatFailsSaysBoth() throws InterruptedException {
        kafka.append(0, 10);
        failPartition(0);
        String yesterday = Instant.ofEpochMilli(temporal.currentTimeMillis())
                .minus(Duration.ofDays(1))
                .toString();

        ApplicationFailure failure = failure(start("run", Jobs.voltage().put("deadline", "45m"), yesterday));

        assertThat(List.of(next().type(), next().type())).containsExactlyInAnyOrder(Type.LATE, Type.FAILED);
        assertThat(summary(failure).warnings()).singleElement().asString().startsWith("The run is late");
    }

    @Test
    void aCancelledRunHasNotFailed() throws InterruptedException {
        kafka.append(0, 10);
        CountDownLatch reading = new CountDownLatch(1);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume")) {
                reading.countDown();
                readUntilCancelled();
            }
        };
        WorkflowStub run = start("run", Jobs.voltage().put("deadline", "45m"));
        reading.await();

        run.cancel();

        assertThatThrownBy(() -> inRealTime(run).getResult(RunSummary.class))
                .isInstanceOf(WorkflowFailedException.class);
        assertThat(events("run")).doesNotContain(EventType.EVENT_TYPE_MARKER_RECORDED);
    }

    private void failPartition(int partition) {
        kafka.trouble = (activity, ranges) -> {
            if (ranges.stream().anyMatch(each -> each.partition() == partition)) {
                throw FakeKafka.fatal(FailureKind.BAD_RECORD, "offset 3 has no field voltage");
            }
        };
    }

    private Notice next() throws InterruptedException {
        @Nullable Notice next = told.poll(30, TimeUnit.SECONDS);
        assertThat(next).as("a notice").isNotNull();
        return Objects.requireNonNull(next);
    }

    private List<EventType> events(String workflowId) {
        return client.fetchHistory(workflowId).getEvents().stream()
                .map(HistoryEvent::getEventType)
                .toList();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
