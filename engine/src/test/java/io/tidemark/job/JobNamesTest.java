package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JobNamesTest {
    private static JobSpec job(String prefix) {
        return JobCodec.read(TestJobs.with("/names", "{ prefix: '" + prefix + "' }"));
    }

    @Test
    void thePrefixOfTheJobStandsBeforeAllItsNames() {
        JobSpec job = job("team-x.");

        assertThat(JobNames.group(job)).isEqualTo("team-x.tidemark-voltage-daily");
        assertThat(JobNames.stateTopic(job)).isEqualTo("team-x.tidemark.voltage-daily.state");
        assertThat(JobNames.planTransactionalId(job)).isEqualTo("team-x.tidemark/voltage-daily/plan");
        assertThat(JobNames.commitTransactionalId(job)).isEqualTo("team-x.tidemark/voltage-daily/commit");
        assertThat(JobNames.sliceTransactionalId(job, 3)).isEqualTo("team-x.tidemark/voltage-daily/1/3");
    }

    /** Those of version 0.1. */
    @Test
    void withoutAPrefixNamesBeginWithTidemark() {
        JobSpec job = job("");

        assertThat(JobNames.group(job)).isEqualTo("tidemark-voltage-daily");
        assertThat(JobNames.stateTopic(job)).isEqualTo("tidemark.voltage-daily.state");
        assertThat(JobNames.sliceTransactionalId(job, 3)).isEqualTo("tidemark/voltage-daily/1/3");
    }

    @Test
    void theOwnGroupAsStartHasThePrefixToo() {
        var json = TestJobs.with("/names", "{ prefix: 'team-x.' }");
        json.put("start", "group");

        assertThat(JobCodec.read(json).start()).isEqualTo(new StartSpec.GroupOffsets("team-x.tidemark-voltage-daily"));
    }
}
