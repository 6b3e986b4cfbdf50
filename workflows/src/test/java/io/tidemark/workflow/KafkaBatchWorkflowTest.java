package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.util.Timestamps;
import io.temporal.api.common.v1.Payload;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowStub;
import io.temporal.common.converter.RawValue;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunSummary;
import io.tidemark.testkit.NewerRelease;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class KafkaBatchWorkflowTest extends WorkflowScene {

    @Test
    void aJobThatMakesNoSenseIsRefusedWithItsField() {
        ObjectNode job = Jobs.voltage();
        job.withObject("/aggregate").put("voltage", "median");

        ApplicationFailure failure = failure(job);

        assertThat(failure.getType()).isEqualTo("INVALID_JOB");
        assertThat(failure.isNonRetryable()).isTrue();
        assertThat(failure.getOriginalMessage())
                .startsWith("aggregate.voltage: must be count or a function of a field, such as { mean: voltage }, but"
                        + " is 'median'; write { quantile: …, at: 0.5 }");
        assertThat(failure.getDetails().get(0, String.class)).isEqualTo("aggregate.voltage");
        assertThat(failure.getDetails().get(1, String.class))
                .startsWith("must be count or a function of a field, such as { mean: voltage }, but is 'median'");
        assertThat(kafka.calls).isEmpty();
    }

    @Test
    void theIdOfTheBodyIsRefusedForTheRunItself() {
        ApplicationFailure failure = failure(start(Jobs.BODY, Jobs.voltage().put("overlap", "wait")));

        assertThat(failure.getType()).isEqualTo("INVALID_JOB");
        assertThat(failure.getOriginalMessage())
                .contains(
                        "the workflow id tidemark-voltage-daily is reserved", "another id, such as voltage-daily-run");
    }

    @Test
    void aFieldThatIsNotKnownIsRefusedAtOnce() {
        ApplicationFailure failure = failure(NewerRelease.job(Jobs.voltage()));

        assertThat(failure.getType()).isEqualTo("INVALID_JOB");
        assertThat(failure.getOriginalMessage()).startsWith(NewerRelease.FIELD + ": is not a known field");
    }

    @Test
    void noJobIsRefused() {
        assertThat(failure(start("none")).getType()).isEqualTo("INVALID_JOB");
        assertThat(failure(start("json-null", JsonNodeFactory.instance.nullNode()))
                        .getOriginalMessage())
                .contains("there is no job");
    }

    @Test
    void aJsonStringIsRefused() {
        assertThat(failure(start("text", "voltage-daily")).getType()).isEqualTo("INVALID_JOB");
    }

    @Test
    void anInputThatIsNotJsonFailsTheRunInsteadOfItsTaskForEver() {
        Payload payload = Payload.newBuilder()
                .putMetadata("encoding", ByteString.copyFromUtf8("json/plain"))
                .setData(ByteString.copyFromUtf8("{ name: "))
                .build();

        ApplicationFailure failure = failure(start("undecodable", new RawValue(payload)));

        assertThat(failure.getType()).contains("DataConverterException");
    }

    @Test
    void theNominalTimeOfARunIsItsStart() {
        long before = temporal.currentTimeMillis();

        run(Jobs.voltage());

        assertThat(kafka.nominal).isBetween(before, temporal.currentTimeMillis());
    }

    @Test
    void theSecondInputIsTheNominalTime() {
        start("run", Jobs.voltage(), "2026-01-05T03:30:00+01:00").getResult(RunSummary.class);

        assertThat(Instant.ofEpochMilli(kafka.nominal)).isEqualTo("2026-01-05T02:30:00Z");
    }

    @Test
    void aNominalTimeThatIsNoneOrToComeIsRefused() {
        ApplicationFailure none = failure(start("none", Jobs.voltage(), "yesterday"));
        String tomorrow = Instant.ofEpochMilli(temporal.currentTimeMillis())
                .plus(Duration.ofDays(1))
                .toString();
        ApplicationFailure early = failure(start("early", Jobs.voltage(), tomorrow));
        ApplicationFailure old = failure(start("old", Jobs.voltage(), "1970-01-01T00:00:00Z"));

        assertThat(none.getType()).isEqualTo("INVALID_JOB");
        assertThat(none.getOriginalMessage()).contains("the second input, the nominal time", "'yesterday'");
        assertThat(early.getOriginalMessage()).contains("must not be in the future", tomorrow);
        assertThat(old.getOriginalMessage()).contains("must be after 1970-01-01T00:00:00Z");
        assertThat(kafka.calls).isEmpty();
    }

    @Test
    void aBodyThatAnOlderReleaseStartedHasItsOwnStart() {
        long before = temporal.currentTimeMillis();
        WorkflowStub body = client.newUntypedWorkflowStub(
                BatchRunWorkflow.TYPE, options(Jobs.BODY).build());

        body.start(JobSpec.fromJson(Jobs.voltage()));
        body.getResult(RunSummary.class);

        assertThat(kafka.nominal).isBetween(before, temporal.currentTimeMillis());
    }

    @Test
    void aSecondRunOfAJobIsRefusedAndNamesTheFirst() throws InterruptedException {
        kafka.append(0, 10);
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        WorkflowStub first = startThatReads("first", reading, goOn);
        reading.await();

        ApplicationFailure failure = failure(start("second", Jobs.voltage()));
        goOn.countDown();

        assertThat(failure.getType()).isEqualTo("ALREADY_RUNNING");
        assertThat(failure.getOriginalMessage()).contains("workflow tidemark-voltage-daily");
        assertThat(first.getResult(RunSummary.class).done()).isEqualTo(1);
        assertThat(kafka.calls("listPartitions")).hasSize(1);
    }

    @Test
    void aSecondRunWaitsIfTheJobSaysSo() throws InterruptedException {
        kafka.append(0, 10);
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        WorkflowStub first = startThatReads("first", reading, goOn);
        reading.await();

        WorkflowStub second = start("second", Jobs.voltage().put("overlap", "wait"));
        awaitRefusal("second");
        kafka.append(0, 5);
        goOn.countDown();

        assertThat(first.getResult(RunSummary.class).offsetsDone()).isEqualTo(10);
        assertThat(second.getResult(RunSummary.class).offsetsDone()).isEqualTo(5);
    }

    @Test
    void aBodyThatSomebodyCancelledEndsItsRunAsCancelled() throws InterruptedException {
        kafka.append(0, 10);
        CountDownLatch reading = new CountDownLatch(1);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume")) {
                reading.countDown();
                readUntilCancelled();
            }
        };
        WorkflowStub run = start("run", Jobs.voltage());
        reading.await();

        client.newUntypedWorkflowStub(Jobs.BODY).cancel();

        ApplicationFailure failure = failure(run);
        assertThat(failure.getType()).isEqualTo("CANCELLED");
        assertThat(failure.getOriginalMessage())
                .contains("tidemark-voltage-daily, the body of the run, did not complete: it was cancelled");
    }

    @Test
    void theStatusIsAnsweredDuringAndAfterTheRun() throws InterruptedException {
        kafka.append(0, 10);
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        WorkflowStub run = startThatReads("run", reading, goOn);
        reading.await();
        RunSummary during = client.newUntypedWorkflowStub(Jobs.BODY).query("status", RunSummary.class);
        goOn.countDown();
        RunSummary end = run.getResult(RunSummary.class);

        assertThat(during.state()).isEqualTo(RunSummary.State.RUNNING);
        assertThat(during.offsetsPlanned()).isEqualTo(10);
        assertThat(during.offsetsDone()).isZero();
        assertThat(run.query("status", RunSummary.class)).isEqualTo(end);
    }

    @Test
    void theBodySendsAboutTenSignalsHoweverLongTheRun() {
        kafka.append(0, 500);
        kafka.trouble = (activity, ranges) -> {
            // Each piece takes a second: the time until Temporal tries again.
            if (activity.equals("produce") && kafka.calls("produce").size() % 2 == 1) {
                throw new IllegalStateException("not at the first time");
            }
        };

        run(Jobs.with("offsetsPerPiece", 10));

        assertThat(signals()).isBetween(5L, 11L);
    }

    @Test
    void theBodySendsAtMostOneSignalASecond() {
        kafka.append(0, 500);

        run(Jobs.with("offsetsPerPiece", 10));

        List<HistoryEvent> events = client.fetchHistory("run").getEvents();
        long millis = Timestamps.toMillis(events.get(events.size() - 1).getEventTime())
                - Timestamps.toMillis(events.get(0).getEventTime());
        assertThat(signals()).isBetween(1L, 1 + millis / 1_000);
    }

    private long signals() {
        return client.fetchHistory("run").getEvents().stream()
                .filter(event -> event.getEventType() == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
                .count();
    }

    @Test
    void cronRunsTheJobAgainAndAgainEvenAfterAFailure() {
        kafka.append(0, 10);
        WorkflowStub cron = client.newUntypedWorkflowStub(
                KafkaBatchWorkflow.TYPE,
                options("cron")
                        .setCronSchedule("0 * * * *")
                        .setWorkflowRunTimeout(Duration.ofMinutes(50))
                        .build());
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("listPartitions")
                    && kafka.calls("listPartitions").size() == 2) {
                throw FakeKafka.fatal(FailureKind.GROUP_HAS_MEMBERS, "the group has 1 member");
            }
        };

        cron.start(Jobs.voltage());
        temporal.sleep(Duration.ofHours(4).plusMinutes(1));

        assertThat(kafka.calls("listPartitions")).hasSizeBetween(4, 5);
        assertThat(kafka.calls("consume")).containsExactly("consume shared 0[0..10]");
        assertThat(kafka.calls("commitOffsets"))
                .hasSize(kafka.calls("listPartitions").size() - 1);
    }

    private WorkflowStub startThatReads(String workflowId, CountDownLatch reading, CountDownLatch goOn) {
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume")) {
                reading.countDown();
                await(goOn);
            }
        };
        return start(workflowId, Jobs.with("heartbeat", "1m"));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitRefusal(String workflowId) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .until(() -> client.fetchHistory(workflowId).getEvents().stream()
                        .anyMatch(event ->
                                event.getEventType() == EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED));
    }
}
