package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobSpec;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunTimeTest {
    @ParameterizedTest
    @ValueSource(strings = {"1s", "5m", "8m", "10m", "60m", "4h", "7d"})
    void theRunTimeoutOfTheCommandLineLeavesARunItsTime(String limit) {
        JobSpec job = JobSpec.fromJson(Jobs.with("time", limit));
        Duration time = job.limits().time();
        // The body gets what the entry has not used.
        Duration bodys = RunTime.timeout(job).minusSeconds(30);

        assertThat(RunTime.within(bodys, time)).isEqualTo(time);
    }

    @Test
    void aRunThatWaitsHasItsTimeAfterwards() {
        ObjectNode json = Jobs.with("time", "4h").put("overlap", "wait");
        JobSpec job = JobSpec.fromJson(json);

        assertThat(RunTime.within(RunTime.timeout(job).minusHours(4), Duration.ofHours(4)))
                .isEqualTo(Duration.ofHours(4));
        assertThat(RunTime.leastTimeout(job)).isEqualTo(Duration.ofMinutes(242));
    }

    @Test
    void aShortRunTimeoutLeavesTimeForTheCommit() {
        assertThat(RunTime.within(Duration.ofHours(1), Duration.ofHours(4))).isEqualTo(Duration.ofMinutes(59));
        assertThat(RunTime.within(Duration.ofMinutes(5), Duration.ofHours(4))).isEqualTo(Duration.ofSeconds(270));
        assertThat(RunTime.within(null, Duration.ofHours(4))).isEqualTo(Duration.ofHours(4));
    }
}
