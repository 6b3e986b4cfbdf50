package io.tidemark.workflow;

import io.temporal.common.SearchAttributeKey;
import io.temporal.workflow.Workflow;
import io.tidemark.run.FailureKind;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * Finds the nominal time of a run: the time for which it was planned, however late it starts. Windows close by it ({@code
 * close.by: run}), and {@code input.until: nominal} ends before it.
 */
final class NominalTime {
    /** Temporal sets it in each workflow that a schedule starts. */
    private static final SearchAttributeKey<OffsetDateTime> SCHEDULED =
            SearchAttributeKey.forOffsetDateTime("TemporalScheduledStartTime");

    /** How far the clock of a caller may be ahead of the Temporal server's. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(1);

    private NominalTime() {}

    /**
     * Returns the time for which a schedule started the workflow, but at most its start; else the given time; else its start.
     * In milliseconds since the epoch, at least 1.
     *
     * @param at a time in ISO 8601, or null
     * @param startedAt when the workflow started
     */
    static long of(@Nullable String at, long startedAt) {
        OffsetDateTime scheduled = Workflow.getTypedSearchAttributes().get(SCHEDULED);
        if (scheduled != null) {
            // A backfill may be asked for times that have not come, for which no record is there yet.
            return Math.max(1, Math.min(scheduled.toInstant().toEpochMilli(), startedAt));
        }
        return at == null || at.isEmpty() ? startedAt : read(at, startedAt);
    }

    private static long read(String at, long startedAt) {
        long time;
        try {
            time = OffsetDateTime.parse(at).toInstant().toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            throw refused("must be a time such as 2026-11-28T02:30:00Z, but is '" + at + "'");
        }
        if (time < 1) {
            throw refused("must be after 1970-01-01T00:00:00Z, because no record is older, but is " + at);
        }
        if (time > startedAt + CLOCKS_DIFFER.toMillis()) {
            throw refused(
                    "must not be in the future, because it would close windows for records that are still to come,"
                            + " but is " + at + ", and the run started at " + Instant.ofEpochMilli(startedAt));
        }
        return time;
    }

    private static RuntimeException refused(String problem) {
        return Failures.fatal(
                FailureKind.INVALID_JOB.name(),
                "the second input, the nominal time of the run, " + problem,
                "",
                problem);
    }
}
