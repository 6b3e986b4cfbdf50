package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunPlan;
import io.tidemark.run.Staged;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.OneAttempt;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.workflow.BatchActivities;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A run that was planned in one cluster, and a worker on the same task queue that is connected to another one. */
@LifecycleSuite
@Timeout(120)
class OtherClusterIT {
    private static EmbeddedKafka other;

    private Rig rig;
    private StepwiseRun run;
    private RunPlan plan;
    private TestActivityEnvironment temporal;
    private Staged delta;

    @BeforeAll
    static void start() {
        other = EmbeddedKafka.startDefault();
    }

    @AfterAll
    static void stop() {
        other.close();
    }

    @BeforeEach
    void planAndRead() {
        rig = Rig.voltage(1);
        rig.send(0, 0, 50);
        run = rig.newRun();
        plan = run.plan();
        delta = run.delta(0);
        temporal = TestActivityEnvironment.newInstance();
    }

    @AfterEach
    void itGoesOnInItsOwnCluster() {
        temporal.close();
        run.produce(0, delta);
        run.commit();
        Guarantees.holdAtTheEnd(rig);
        rig.close();
    }

    @Test
    void aClusterThatDoesNotKnowTheTopicsIsNotWrittenTo() {
        try (Rig elsewhere = rig.elsewhere(Cluster.at(other.bootstrapServers()), 0)) {
            Set<String> before = topics(elsewhere);
            eachStepIsRefused(elsewhere);
            assertThat(topics(elsewhere)).isEqualTo(before);
        }
    }

    @Test
    void aClusterThatHasAnInputOfThatNameIsNotWrittenTo() {
        try (Rig elsewhere = rig.elsewhere(Cluster.at(other.bootstrapServers()), 1)) {
            elsewhere.send(0, 0, 100);
            Set<String> before = topics(elsewhere);
            eachStepIsRefused(elsewhere);
            assertThat(topics(elsewhere)).isEqualTo(before);
        }
    }

    @Test
    void aClusterInWhichTheJobRunsTooIsNotWrittenTo() {
        try (Rig elsewhere = rig.elsewhere(Cluster.at(other.bootstrapServers()), 1)) {
            elsewhere.send(0, 0, 20);
            elsewhere.runAll();
            List<Rig.Row> before = elsewhere.history();
            eachStepIsRefused(elsewhere);
            assertThat(elsewhere.history()).isEqualTo(before);
            Guarantees.holdAtTheEnd(elsewhere);
        }
    }

    private static Set<String> topics(Rig rig) {
        return Rig.get(rig.admin().listTopics().names());
    }

    private void eachStepIsRefused(Rig elsewhere) {
        BatchActivities worker = OneAttempt.of(temporal, elsewhere.clients(), rig.staging());
        isRefused(elsewhere, () -> worker.consume(run.slice(0), 0, plan.ranges(), 0));
        isRefused(elsewhere, () -> worker.produce(run.slice(0), delta));
        isRefused(elsewhere, () -> worker.commitOffsets(rig.job(), run.runId(), plan.identity()));
    }

    private void isRefused(Rig elsewhere, ThrowingCallable step) {
        assertThatThrownBy(step).cause().isInstanceOfSatisfying(ApplicationFailure.class, failure -> {
            assertThat(failure.getType()).isEqualTo(FailureKind.OTHER_CLUSTER.name());
            assertThat(failure.isNonRetryable()).isTrue();
            assertThat(failure.getOriginalMessage())
                    .contains(clusterId(rig), clusterId(elsewhere), other.bootstrapServers());
        });
    }

    private static String clusterId(Rig rig) {
        return Rig.get(rig.admin().describeCluster().clusterId());
    }
}
