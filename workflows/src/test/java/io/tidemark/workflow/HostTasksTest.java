package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.job.JobSpec;
import io.tidemark.run.PartitionRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostTasksTest {
    @Test
    void allSlicesOfARunTogetherHaveAtMostTwoHundredTasks() {
        for (int inFlight = 1; inFlight <= 50; inFlight++) {
            for (int slices = 1; slices <= 100; slices++) {
                for (int groups = 1; groups <= BatchRunWorkflowImpl.GROUPS_IN_FLIGHT; groups++) {
                    int splits = splitsAtOnce(inFlight, slices, groups);
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
        JobSpec job = JobSpec.fromJson(Jobs.with("slicesInFlight", slicesInFlight));
        SliceGroup group = new SliceGroup(
                job, "run", FakeKafka.IDENTITY, List.of(new PartitionRange(0, 0, 1)), 0, 0, true, 0, groups);
        return new HostTasks(group, slices).splitsAtOnce();
    }
}
