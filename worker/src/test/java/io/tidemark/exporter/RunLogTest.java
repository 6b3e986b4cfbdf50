package io.tidemark.exporter;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.exporter.RunFacts.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunLogTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    private final FakeTemporal temporal = new FakeTemporal();
    private final RunLog log = new RunLog(temporal);

    @Test
    void theLastSuccessIsNotTheLastRun() {
        temporal.ended("a", NOW.minusSeconds(300), Outcome.DONE, 1);
        temporal.ended("a", NOW.minusSeconds(200), Outcome.FAILED, 1);
        temporal.ended("a", NOW.minusSeconds(100), Outcome.CANCELLED, 2);

        log.refresh();

        RunLog.Known known = of("a");
        assertThat(known.lastSuccess()).isEqualTo(NOW.minusSeconds(300));
        assertThat(requireNonNull(known.last()).outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(requireNonNull(known.last()).took()).isEqualTo(Duration.ofMinutes(2));
        assertThat(known.running()).isNull();
    }

    /** Temporal's list calls both failed. */
    @Test
    void aRunOfWhichSomePartitionsSucceededIsPartial() {
        temporal.failure = Outcome.PARTIAL;
        temporal.ended("a", NOW, Outcome.FAILED, 1);

        log.refresh();

        assertThat(requireNonNull(of("a").last()).outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(of("a").lastSuccess()).isNull();
    }

    @Test
    void laterRefreshesAskForNewEndsOnly() {
        temporal.ended("a", NOW.minusSeconds(3_600), Outcome.DONE, 1);
        temporal.started("a", NOW.minusSeconds(60));
        log.refresh();
        assertThat(of("a").running()).isNotNull();
        temporal.questions.clear();
        temporal.runs.remove(1);
        temporal.ended("a", NOW, Outcome.DONE, 1);

        log.refresh();

        assertThat(temporal.questions)
                .anyMatch(each ->
                        each.endsWith("CloseTime > '" + NOW.minusSeconds(3_600).minus(RunLog.LATE) + "'"));
        assertThat(of("a").lastSuccess()).isEqualTo(NOW);
        assertThat(of("a").running()).isNull();
    }

    @Test
    void whatIsKnownStaysWhileTemporalIsDown() {
        temporal.ended("a", NOW, Outcome.DONE, 1);
        log.refresh();
        temporal.down = true;

        assertThatThrownBy(log::refresh).hasMessage("down");

        assertThat(of("a").lastSuccess()).isEqualTo(NOW);
    }

    /** The first refresh reads the newest runs only. A job that ran last a month ago is asked for by name. */
    @Test
    void jobsWhoseRunsAreOldAreAskedForOnce() {
        Problems problems = new Problems();
        for (int i = 0; i < RunLog.FIRST_LOOK; i++) {
            temporal.ended("busy", NOW.minusSeconds(i), Outcome.DONE, 1);
        }
        temporal.ended("rare", NOW.minusSeconds(100_000), Outcome.DONE, 1);
        temporal.ended("rare", NOW.minusSeconds(90_000), Outcome.FAILED, 1);
        log.refresh();
        assertThat(log.jobs()).doesNotContainKey("rare");

        log.complete(List.of("busy", "rare", "never"), problems);

        assertThat(of("rare").lastSuccess()).isEqualTo(NOW.minusSeconds(100_000));
        assertThat(requireNonNull(of("rare").last()).outcome()).isEqualTo(Outcome.FAILED);
        assertThat(of("never").last()).isNull();
        temporal.questions.clear();
        log.complete(List.of("busy", "rare", "never"), problems);
        assertThat(temporal.questions).isEmpty();
    }

    @Test
    void aJobThatIsGoneIsForgottenAfterAWeek() {
        temporal.ended("gone", NOW.minus(RunLog.FORGET).minusSeconds(1), Outcome.DONE, 1);
        temporal.ended("kept", NOW.minus(RunLog.FORGET).minusSeconds(1), Outcome.DONE, 1);
        temporal.ended("new", NOW.minusSeconds(1), Outcome.DONE, 1);
        log.refresh();

        log.forget(List.of("kept"), NOW);

        assertThat(log.jobs()).containsOnlyKeys("kept", "new");
    }

    private RunLog.Known of(String job) {
        return requireNonNull(log.jobs().get(job));
    }
}
