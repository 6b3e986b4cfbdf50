package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.api.enums.v1.RetryState;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.client.WorkflowOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.TimeoutFailure;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import io.tidemark.job.JobSpec;
import io.tidemark.run.PartitionRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostTasksTest {
    private static final String HOST = "kafka-batch/host/one";

    @Test
    void allSlicesOfARunTogetherHaveAtMostTwoHundredTasks() {
        for (int inFlight = 1; inFlight <= 50; inFlight++) {
            JobSpec job = JobSpec.fromJson(Jobs.with("slicesInFlight", inFlight));
            for (int slices = 1; slices <= 100; slices++) {
                for (int groups = 1; groups <= Stages.GROUPS_IN_FLIGHT; groups++) {
                    int splits = splitsAtOnce(job, slices, groups);
                    int slicesAtOnce = groups * Math.min(inFlight, slices);

                    assertThat(splits).isBetween(1, SliceRunner.SPLITS_IN_FLIGHT);
                    assertThat(slicesAtOnce * splits).isLessThanOrEqualTo(BatchActivities.MOST_ON_HOSTS);
                }
            }
        }
    }

    @Test
    void fewSlicesReadEightSplitsEach() {
        assertThat(splitsAtOnce(16, 1, 1)).isEqualTo(8);
        assertThat(splitsAtOnce(16, 16, 1)).isEqualTo(8);
        assertThat(splitsAtOnce(16, 100, 4)).isEqualTo(2);
        assertThat(splitsAtOnce(16, 100, 0))
                .as("a group of a run that 0.1 started")
                .isEqualTo(2);
    }

    private static int splitsAtOnce(int slicesInFlight, int slices, int groups) {
        return splitsAtOnce(JobSpec.fromJson(Jobs.with("slicesInFlight", slicesInFlight)), slices, groups);
    }

    private static int splitsAtOnce(JobSpec job, int slices, int groups) {
        return new HostTasks(group(job, groups), slices).splitsAtOnce();
    }

    private static SliceGroup group(JobSpec job, int groups) {
        return new SliceGroup(
                job, "run", FakeKafka.IDENTITY, List.of(new PartitionRange(0, 0, 1)), 0, 0, true, 0, groups);
    }

    /** Asks about a host; only a workflow has a clock. */
    @WorkflowInterface
    public interface Question {
        /**
         * Returns whether a host that did not take a task in time is only busy.
         *
         * @param silence how long ago the host ended another task, in milliseconds
         * @param left how much time the run has, in milliseconds
         */
        @WorkflowMethod
        boolean busy(long silence, long left);
    }

    /** Asks with a host timeout that is far longer than a busy machine delays a timer. */
    public static final class QuestionImpl implements Question {
        @Override
        public boolean busy(long silence, long left) {
            SliceGroup group = group(JobSpec.fromJson(Jobs.with("hostTimeout", "20m")), 1);
            HostTasks.Host host = new HostTasks(group, 1).host(HOST);
            long deadline = Workflow.currentTimeMillis() + silence + left;
            host.heard();
            if (silence > 0) {
                Workflow.sleep(silence);
            }
            ActivityFailure notTaken = new ActivityFailure(
                    "timed out",
                    5,
                    6,
                    "aggregate",
                    "1",
                    RetryState.RETRY_STATE_TIMEOUT,
                    "worker",
                    new TimeoutFailure("timed out", null, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START));
            return host.isBusy(notTaken, new RunClock(group.job(), deadline, 0, 0, true));
        }
    }

    @Test
    void aHostIsBusyOnlyIfItWasHeardRecentlyAndTheRunHasTime() {
        try (TestWorkflowEnvironment temporal = TestWorkflowEnvironment.newInstance()) {
            temporal.newWorker("questions").registerWorkflowImplementationTypes(QuestionImpl.class);
            temporal.start();

            assertThat(busy(temporal, 0, 3_600_000)).as("heard just now").isTrue();
            assertThat(busy(temporal, 60_000, 3_600_000))
                    .as("heard within half of the host timeout")
                    .isTrue();
            assertThat(busy(temporal, 600_000, 3_600_000))
                    .as("heard too long ago")
                    .isFalse();
            assertThat(busy(temporal, 0, 0)).as("at the deadline of the run").isFalse();
        }
    }

    private static boolean busy(TestWorkflowEnvironment temporal, long silence, long left) {
        return temporal.getWorkflowClient()
                .newWorkflowStub(
                        Question.class,
                        WorkflowOptions.newBuilder().setTaskQueue("questions").build())
                .busy(silence, left);
    }
}
