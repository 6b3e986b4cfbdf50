package io.tidemark.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.JobFingerprint;
import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.Windows;
import io.tidemark.testkit.JobJson;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdentityCheckTest {
    private static final long DAY = 86_400_000;

    private static PartitionProgress stored(JobSpec job, Windows windows) {
        return new PartitionProgress(
                new PlanIdentity("f", 1, "in", "out", "state"),
                JobFingerprint.of(job).meaning(),
                1,
                5,
                -1,
                0,
                0,
                windows,
                null,
                List.of(),
                List.of());
    }

    @Test
    void closeCannotBeRemovedOnceWindowsAreClosed() {
        JobSpec without = JobJson.job("");
        PartitionProgress closed = stored(without, new Windows(3 * DAY, 4 * DAY, 3 * DAY));

        assertThatThrownBy(() -> new IdentityCheck(without).requireSameMeaning(7, closed))
                .isInstanceOfSatisfying(TidemarkException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(FailureKind.JOB_CHANGED);
                    assertThat(failure)
                            .hasMessageContainingAll(
                                    "voltage-daily has no close",
                                    "airflow-input-topic[7]",
                                    "start before 1970-01-04T00:00:00Z",
                                    "Put close back");
                });
    }

    @Test
    void closeCanBeAddedChangedAndRemovedAgainBeforeThat() {
        JobSpec with = JobJson.job("{ close: { after: '2d', late: 'count' } }");

        assertThatCode(() -> new IdentityCheck(with)
                        .requireSameMeaning(0, stored(with, new Windows(3 * DAY, 4 * DAY, 3 * DAY))))
                .doesNotThrowAnyException();
        JobSpec without = JobJson.job("");
        assertThatCode(() -> new IdentityCheck(without).requireSameMeaning(0, stored(without, Windows.NONE)))
                .doesNotThrowAnyException();
    }

    /** Otherwise the groups that no later record touches would never get a row. */
    @Test
    void finalRowsAreEmittedUntilNoTotalsAreWithoutRow() {
        JobSpec changes = JobJson.job("{ close: { after: '2d' } }");
        JobSpec finals =
                JobJson.job("{ close: { after: '2d' }, output: { topic: 'airflow-output-topic', emit: 'final' } }");
        Windows rowless = new Windows(Mark.NOTHING_CLOSED, 4 * DAY, 3 * DAY, true);

        assertThatThrownBy(() -> new IdentityCheck(changes).requireSameMeaning(7, stored(changes, rowless)))
                .isInstanceOfSatisfying(TidemarkException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(FailureKind.JOB_CHANGED);
                    assertThat(failure).hasMessageContainingAll("airflow-input-topic[7]", "output.emit: final");
                });
        assertThatCode(() -> new IdentityCheck(finals).requireSameMeaning(0, stored(finals, rowless)))
                .doesNotThrowAnyException();
        assertThatCode(() -> new IdentityCheck(finals).requireSameMeaning(0, stored(finals, Windows.NONE)))
                .doesNotThrowAnyException();
    }
}
