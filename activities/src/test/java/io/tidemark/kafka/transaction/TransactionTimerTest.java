package io.tidemark.kafka.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.TransactionState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransactionTimerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final AtomicLong now = new AtomicLong();

    private TidemarkException explained(
            FailureKind kind, Duration open, @Nullable TransactionState state, long throttleMillis) {
        TransactionTimer timer = new TransactionTimer(TIMEOUT, now::get, () -> Optional.ofNullable(state));
        timer.begin();
        now.addAndGet(open.toNanos());
        return timer.explain(new TidemarkException(kind, "committing"), throttleMillis);
    }

    @ParameterizedTest
    @CsvSource({
        "60, COMPLETE_ABORT, TRANSACTION_TIMED_OUT",
        "75, PREPARE_ABORT, TRANSACTION_TIMED_OUT",
        // The worker may not ask.
        "60, , TRANSACTION_TIMED_OUT",
        // A newer attempt has fenced the id, or is at work.
        "75, EMPTY, FENCED",
        "75, ONGOING, FENCED",
        // Somebody aborted it by hand.
        "59, COMPLETE_ABORT, FENCED"
    })
    void aTransactionThatWasOpenForTooLongIsNotTheWorkOfANewerAttempt(
            int seconds, @Nullable TransactionState state, FailureKind expected) {
        assertThat(explained(FailureKind.FENCED, Duration.ofSeconds(seconds), state, 1)
                        .kind())
                .isEqualTo(expected);
    }

    @Test
    void withoutAQuotaARetryMayBeFaster() {
        TidemarkException failure =
                explained(FailureKind.FENCED, Duration.ofSeconds(61), TransactionState.COMPLETE_ABORT, 0);

        assertThat(failure.kind()).isEqualTo(FailureKind.FENCED);
        assertThat(failure).hasMessageContainingAll("open for 61000 ms", "transaction.timeout.ms is 60000");
    }

    @Test
    void theMessageHasBothTimesAndTheQuota() {
        TidemarkException failure =
                explained(FailureKind.FENCED, Duration.ofMillis(61_500), TransactionState.COMPLETE_ABORT, 4_321);

        assertThat(failure.kind().retryable())
                .as("a transaction of the same size would time out again")
                .isFalse();
        assertThat(failure)
                .hasMessageContainingAll(
                        "open for 61500 ms",
                        "transaction.timeout.ms is 60000",
                        "quota (producer_byte_rate)",
                        "up to 4321 ms",
                        "limits.offsetsPerPiece");
    }

    @Test
    void aDelayByAQuotaIsNamedAlsoWhenOtherTimesAreOver() {
        TidemarkException failure = explained(FailureKind.KAFKA_UNAVAILABLE, Duration.ofSeconds(1), null, 9_000);

        assertThat(failure.kind()).isEqualTo(FailureKind.KAFKA_UNAVAILABLE);
        assertThat(failure).hasMessageContainingAll("committing", "quota", "9000 ms");
    }

    @Test
    void anyOtherFailureStaysAsItIs() {
        assertThat(explained(FailureKind.KAFKA_UNAVAILABLE, Duration.ofHours(1), null, 0))
                .hasMessage("committing");
        assertThat(explained(FailureKind.NOT_AUTHORIZED, Duration.ofHours(1), null, 5_000))
                .hasMessage("committing");
    }
}
