package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkloadTest {

    @Test
    void allRecordsAndGroupsAreDistributed() {
        Workload workload = Workload.daily(1_003, 8).grouped(101);

        assertThat(IntStream.range(0, 8).mapToLong(workload::recordsIn).sum()).isEqualTo(1_003);
        assertThat(IntStream.range(0, 8).map(workload::groupsIn).sum()).isEqualTo(101);
    }

    @Test
    void onePartitionHasAll() {
        Workload workload = Workload.daily(1_003, 8).grouped(101).inOnePartition();

        assertThat(IntStream.range(0, 8).mapToLong(workload::recordsIn))
                .containsExactly(1_003L, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
        assertThat(workload.groupsIn(0)).isEqualTo(101);
    }

    @Test
    void spreadOutEachPartitionHasReadingsOfAllGroups() {
        Workload workload = Workload.daily(1_003, 8).grouped(101).spreadOut();

        assertThat(workload.groupsIn(0)).isEqualTo(101);
        assertThat(workload.groupsIn(7)).isEqualTo(101);
        assertThat(workload).hasToString("1,003 records, 8 partitions, means of 101 groups in all partitions");
    }

    @Test
    void jobsAreValid() {
        JobSpec daily = JobCodec.read(Workload.daily(10, 8).sliced(32).job("bench-1", "readings"));
        JobSpec grouped = JobCodec.read(Workload.daily(10, 2).grouped(7).job("bench-2", "readings"));

        assertThat(daily.partitionsPerSlice()).isEqualTo(32);
        assertThat(daily.output().topic()).isEqualTo("bench-1-output");
        assertThat(grouped.groupBy()).hasSize(1);
    }

    @Test
    void eachPartitionNeedsAGroup() {
        assertThatThrownBy(() -> Workload.daily(10, 8).grouped(7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--groups is 7, but 8 partitions");
        assertThat(Workload.daily(10, 8).spreadOut().grouped(7).groupsIn(7)).isEqualTo(7);
    }
}
