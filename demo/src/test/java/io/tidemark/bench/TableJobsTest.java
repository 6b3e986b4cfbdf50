package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableJobsTest {

    @ParameterizedTest
    @ValueSource(strings = {"decimals", "where", "sketches", "topic-scope"})
    void eachCanBeComparedWithMeans(String name) {
        JobSpec like = TableJobs.read(name);

        JobSpec job = JobCodec.read(Workload.daily(10, 2).grouped(7).job("bench", "in", like));

        assertThat(job.aggregate())
                .containsAll(like.aggregate())
                .hasSize(like.aggregate().size() + 1);
        assertThat(job.where()).isEqualTo(like.where());
        assertThat(job.scope()).isEqualTo(like.scope());
    }

    /** So that a change of a job cannot leave out of the table what its row is for. */
    @Test
    void eachHasWhatItsRowMeasures() {
        assertThat(Columns.of(TableJobs.read("decimals")).sums()).containsExactly("sum");
        assertThat(TableJobs.read("where").where()).isNotNull();
        assertThat(Columns.of(TableJobs.read("sketches")).others()).isEqualTo(List.of("different", "p95"));
        assertThat(TableJobs.read("topic-scope").scope()).isEqualTo(Scope.TOPIC);
    }
}
