package io.tidemark.workflow;

import static org.awaitility.Awaitility.await;

import io.temporal.activity.Activity;
import io.temporal.api.enums.v1.EventType;
import io.temporal.client.WorkflowStub;
import io.tidemark.run.FailureKind;
import io.tidemark.run.Notice;
import io.tidemark.run.PartitionVerdict.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Records the histories that {@link ReplayTest} replays. Not part of the build; run it by hand:
 *
 * A history in {@code src/test/resources/histories} guarantees that runs in progress continue after an update. If a
 * change of the workflows breaks its replay, guard the change with {@code Workflow.getVersion} and record a new history
 * in addition; never overwrite a released one. Histories of a real server can be added with {@code temporal workflow
 * show -w ID -o json}.
 */
class HistoryRecorder extends WorkflowScene {
    private static final Path HISTORIES = Path.of("src/test/resources/histories");

    @Test
    void nothingNew() {
        start("run", Jobs.voltage()).getResult(Object.class);

        record("nothing-new", "run", Jobs.BODY);
    }

    @Test
    void piecesAndSplits() {
        kafka.append(0, 95);
        kafka.append(1, 3);

        var job = Jobs.with("offsetsPerPiece", 50);
        job.withObject("/limits").put("offsetsPerSplit", 10);
        start("run", job).getResult(Object.class);

        record("pieces-and-splits", "run", Jobs.BODY);
    }

    @Test
    void twoStages() {
        kafka.append(0, 95);
        kafka.append(1, 3);

        start("run", Jobs.closing("eventTime").put("scope", "topic")).getResult(Object.class);

        record("two-stages", Jobs.BODY);
    }

    @Test
    void boundedSlices() {
        // Different lengths, so that in one workflow task one slice starts its splits while another starts an
        // aggregate.
        for (int partition = 0; partition < 3; partition++) {
            kafka.append(partition, 25 + 17L * partition);
        }

        var job = Jobs.with("offsetsPerPiece", 40);
        job.withObject("/limits").put("offsetsPerSplit", 10);
        start("run", job).getResult(Object.class);

        record("bounded-slices", "run", Jobs.BODY);
    }

    @Test
    void everyVerdict() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        kafka.append(2, 10);
        kafka.verdicts.put(1, new ConcurrentLinkedDeque<>(List.of(Verdict.STAGED_LOST)));
        kafka.verdicts.put(2, new ConcurrentLinkedDeque<>(List.of(Verdict.FAILED)));
        kafka.hosts.add(DEAD_QUEUE);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("aggregate") && kafka.through(0) == 0) {
                kafka.overtake(0, 4);
            }
        };
        var job = Jobs.with("hostTimeout", "1s");

        failure(start("run", job));

        record("every-verdict", "run", Jobs.BODY);
    }

    @Test
    void oneBadPartitionInASharedSlice() {
        kafka.append(0, 10);
        kafka.append(1, 10);
        kafka.trouble = (activity, ranges) -> {
            if (ranges.stream().anyMatch(each -> each.partition() == 1)) {
                throw FakeKafka.fatal(FailureKind.BAD_RECORD, "offset 3 has no field voltage");
            }
        };

        failure(start("run", Jobs.sharedBy(2)));

        record("one-bad-partition", "run", Jobs.BODY);
    }

    @Test
    void groups() {
        for (int partition = 0; partition < 101; partition++) {
            kafka.append(partition, 10);
        }

        start("run", Jobs.voltage()).getResult(Object.class);

        record("groups", "run", Jobs.BODY, Jobs.BODY + "/slices-100-100");
    }

    @Test
    void budgetOfTime() {
        for (int partition = 0; partition < 101; partition++) {
            kafka.append(partition, 30);
        }
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("listPartitions")) {
                temporal.sleep(Duration.ofMinutes(2));
            }
        };
        var job = Jobs.with("heartbeat", "1h");
        job.withObject("/limits").put("offsetsPerSplit", 10);
        job.withObject("/budget").put("time", "1m");
        start("run", job).getResult(Object.class);

        String group = kafka.calls("consume").get(0).contains(" 100[") ? "/slices-100-100" : "/slices-000-099";
        record("budget-of-time", "run", Jobs.BODY, Jobs.BODY + group);
    }

    @Test
    void overlapWaits() throws InterruptedException {
        kafka.append(0, 10);
        CountDownLatch goOn = new CountDownLatch(1);
        kafka.trouble = (activity, ranges) -> {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        WorkflowStub first = start("first", Jobs.with("heartbeat", "1m"));
        awaitBody();
        WorkflowStub run = start("run", Jobs.voltage().put("overlap", "wait"));
        while (client.fetchHistory("run").getEvents().size() < 8) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        first.getResult(Object.class);
        run.getResult(Object.class);

        record("overlap-waits", "run");
    }

    @Test
    void cancelled() throws InterruptedException {
        kafka.append(0, 10);
        CountDownLatch reading = new CountDownLatch(1);
        kafka.trouble = (activity, ranges) -> {
            while (activity.equals("consume")) {
                reading.countDown();
                Activity.getExecutionContext().heartbeat(null);
            }
        };
        WorkflowStub run = start("run", Jobs.voltage());
        reading.await();
        run.cancel();
        try {
            run.getResult(Object.class);
        } catch (io.temporal.client.WorkflowFailedException e) {
            record("cancelled", "run", Jobs.BODY);
        }
    }

    @Test
    void lateAndFailed() {
        kafka.append(0, 10);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume")) {
                temporal.sleep(Duration.ofMinutes(2));
                throw FakeKafka.fatal(FailureKind.BAD_RECORD, "offset 3 has no field voltage");
            }
        };

        failure(start("run", Jobs.with("heartbeat", "1h").put("deadline", "1m")));

        record("late-and-failed", "run");
    }

    @Override
    Set<Notice.Type> wanted() {
        return EnumSet.allOf(Notice.Type.class);
    }

    @Test
    void finishedOnRequest() {
        for (int partition = 0; partition < 101; partition++) {
            kafka.append(partition, 30);
        }
        CountDownLatch reading = new CountDownLatch(2);
        AtomicBoolean asked = new AtomicBoolean();
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume")) {
                reading.countDown();
                await().until(() -> reading.getCount() == 0);
                if (asked.compareAndSet(false, true)) {
                    client.newUntypedWorkflowStub("run").update("finish", String.class);
                }
                String group = Activity.getExecutionContext().getInfo().getWorkflowId();
                await().until(() -> client.fetchHistory(group).getEvents().stream()
                        .anyMatch(each -> each.getEventType() == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED));
            }
        };
        start("run", Jobs.with("slicesInFlight", 1)).getResult(Object.class);

        record("finished-on-request", "run", Jobs.BODY, Jobs.BODY + "/slices-000-099");
    }

    @Test
    void skippedAndSlowed() {
        for (int partition = 0; partition < 4; partition++) {
            kafka.append(partition, 30);
        }
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume") && ranges.get(0).partition() == 3) {
                readUntilCancelled();
            }
        };
        WorkflowStub run = start("run", Jobs.with("offsetsPerPiece", 10));
        await().until(() -> kafka.calls.contains("consume shared 3[0..10]"));
        WorkflowStub body = client.newUntypedWorkflowStub(Jobs.BODY);
        body.update("parallel", String.class, 1);
        body.update("skip", String.class, 3);
        run.getResult(Object.class);

        record("skipped-and-slowed", Jobs.BODY);
    }

    private void awaitBody() throws InterruptedException {
        while (kafka.calls("listPartitions").isEmpty()) {
            Thread.onSpinWait();
        }
    }

    private void record(String name, String... workflowIds) {
        try {
            Files.createDirectories(HISTORIES);
            for (String id : workflowIds) {
                String workflow = id.equals("run") ? "start" : id.equals(Jobs.BODY) ? "body" : "group";
                Files.writeString(
                        HISTORIES.resolve(name + "." + workflow + ".json"),
                        client.fetchHistory(id).toJson(true));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
