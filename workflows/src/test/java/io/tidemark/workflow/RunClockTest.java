package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.api.enums.v1.RetryState;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.TimeoutFailure;
import io.tidemark.job.JobSpec;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RunClockTest {
    private static final long DEADLINE = Instant.parse("2026-11-24T05:00:00Z").toEpochMilli();

    @Test
    void anActivityThatEndsWithTheTimeOfTheRunNamesLimitsTime() {
        assertThat(message("1h", Duration.ZERO, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE))
                .startsWith("aggregate timed out.")
                .endsWith("; the run ran out of time at 2026-11-24T05:00:00Z (limits.time is 1h)");
    }

    @Test
    void aRunTimeoutThatIsTheSmallerBoundIsNamedWithTheOneThatWouldDo() {
        assertThat(message("4h", Duration.ofMinutes(59), TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE))
                .endsWith("(the run timeout of its workflow leaves 59m, which is less than limits.time, 4h; start the"
                        + " workflow with a run timeout of at least 242m)");
    }

    @Test
    void anActivityThatEndsForAnotherReasonDoesNotBlameTheTimeOfTheRun() {
        assertThat(message("1h", Duration.ZERO, TimeoutType.TIMEOUT_TYPE_HEARTBEAT))
                .doesNotContain("ran out of time");
    }

    private static String message(String limit, Duration time, TimeoutType timeout) {
        JobSpec job = JobSpec.fromJson(Jobs.with("time", limit));
        ActivityFailure failure = new ActivityFailure(
                "timed out",
                5,
                6,
                "aggregate",
                "1",
                RetryState.RETRY_STATE_TIMEOUT,
                "worker",
                new TimeoutFailure("timed out", null, timeout));
        return new RunClock(job, DEADLINE, 0, time.toMillis(), true, new RunControl()).message(failure);
    }
}
