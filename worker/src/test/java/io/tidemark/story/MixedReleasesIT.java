package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.api.enums.v1.EventType;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.tidemark.run.RunSummary;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.NewerRelease;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.worker.TidemarkWorker;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers of two releases poll the same queue of a real server, and a job has a field that only the newer one knows. */
@Timeout(120)
class MixedReleasesIT {
    private static final int PARTITIONS = 4;

    @TempDir
    Path staging;

    private final Scene scene = new Scene();

    @Test
    void aJobWithANewFieldIsDoneAlthoughOlderWorkersTakeItsTasks() {
        try (Rig rig = Rig.with(PARTITIONS, job -> job.withObject("/limits").put("offsetsPerSplit", 100));
                TidemarkWorker older = scene.worker(staging.resolve("older"))) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                rig.send(partition, 0, 300);
            }
            WorkflowOptions options = Scene.options(scene.taskQueue())
                    .setMemo(Map.of(KafkaBatchWorkflow.ACCEPTED, true))
                    .build();
            WorkflowStub run = Scene.start(
                    Scene.client(), options, NewerRelease.job(rig.job().toJson()));
            // The older worker is alone at first, so it has failed a task before the newer one polls.
            await().atMost(Duration.ofSeconds(30)).until(() -> hasFailedTask(options.getWorkflowId()));

            try (TidemarkWorker newer = TidemarkWorker.start(
                    NewerRelease.client(Scene.client()),
                    Scene.module(
                            scene.taskQueue(),
                            staging.resolve("newer"),
                            SharedBroker.get().bootstrapServers(),
                            Checkpoints.NONE))) {
                RunSummary end = Scene.result(run);

                assertThat(end.done()).isEqualTo(PARTITIONS);
                Guarantees.holdAtTheEnd(rig);
            }
        }
    }

    private static boolean hasFailedTask(String workflowId) {
        return Scene.client().fetchHistory(workflowId).getEvents().stream()
                .anyMatch(event -> event.getEventType() == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED);
    }
}
