package io.tidemark.testkit;

import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.testing.TestActivityEnvironment;
import io.tidemark.activity.BatchActivitiesImpl;
import io.tidemark.aggregate.OwnAggregates;
import io.tidemark.check.OutputTopics;
import io.tidemark.check.WeakReplication;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.run.ProduceResult;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.stage.StagingArea;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.StepObserver;
import io.tidemark.step.WorkerMemory;
import io.tidemark.workflow.BatchActivities;
import java.time.Clock;
import java.time.Duration;

/** The activities of a worker as Temporal calls them; each call is one attempt. */
public final class OneAttempt {
    private OneAttempt() {}

    /** Makes one attempt at a produce. */
    public static ProduceResult produce(Rig rig, SliceRef slice, Staged delta) {
        TestActivityEnvironment temporal = TestActivityEnvironment.newInstance();
        try {
            return of(temporal, rig.clients(), rig.staging()).produce(slice, delta);
        } finally {
            temporal.close();
        }
    }

    /** Registers the activities and returns their stub. */
    public static BatchActivities of(TestActivityEnvironment temporal, KafkaClients clients, StagingArea staging) {
        temporal.registerActivitiesImplementations(new BatchActivitiesImpl(
                clients,
                staging,
                "host",
                1,
                WorkerMemory.ofHeap(),
                OutputTopics.ANY,
                WeakReplication.WARN,
                OwnAggregates.NONE,
                Clock.systemUTC(),
                Checkpoints.NONE,
                StepObserver.NONE));
        return temporal.newActivityStub(
                BatchActivities.class,
                ActivityOptions.newBuilder()
                        .setStartToCloseTimeout(Duration.ofMinutes(3))
                        .setRetryOptions(
                                RetryOptions.newBuilder().setMaximumAttempts(1).build())
                        .build());
    }
}
