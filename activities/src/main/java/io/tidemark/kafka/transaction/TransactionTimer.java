package io.tidemark.kafka.transaction;

import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.DescribeTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionState;

/**
 * Tells why a transaction failed: because it was open for too long, or because a newer attempt fenced it. Kafka reports
 * both with the same errors. Not safe for use by several threads.
 */
final class TransactionTimer {
    /** Timeout of the question to the coordinator; its answer only makes a failure clearer. */
    private static final int ANSWER_MILLIS = 5_000;

    /** A newer attempt's fence leaves the state EMPTY, and its transaction ONGOING. */
    private static final Set<TransactionState> ABORTED =
            Set.of(TransactionState.PREPARE_ABORT, TransactionState.COMPLETE_ABORT);

    private final Duration timeout;
    private final LongSupplier nanoTime;
    private final Supplier<Optional<TransactionState>> coordinator;
    private long begun;
    private boolean running;

    /**
     * Creates a timer.
     *
     * @param timeout transaction.timeout.ms of the producer
     * @param nanoTime {@link System#nanoTime} outside tests
     * @param coordinator returns the state of the transactional id, or empty if it is unknown
     */
    TransactionTimer(Duration timeout, LongSupplier nanoTime, Supplier<Optional<TransactionState>> coordinator) {
        this.timeout = timeout;
        this.nanoTime = nanoTime;
        this.coordinator = coordinator;
    }

    static TransactionTimer of(KafkaClients clients, String transactionalId) {
        return new TransactionTimer(
                clients.transactionTimeout(), System::nanoTime, () -> state(clients, transactionalId));
    }

    private static Optional<TransactionState> state(KafkaClients clients, String id) {
        DescribeTransactionsOptions options = new DescribeTransactionsOptions();
        options.timeoutMs(ANSWER_MILLIS);
        try {
            return Optional.of(KafkaCalls.get(
                            "transaction " + id,
                            clients.admin()
                                    .describeTransactions(List.of(id), options)
                                    .description(id))
                    .state());
        } catch (TidemarkException e) {
            return Optional.empty();
        }
    }

    void begin() {
        begun = nanoTime.getAsLong();
        running = true;
    }

    /**
     * Returns the failure with its cause, if the transaction was open for longer than its timeout or a quota delayed it.
     *
     * @param throttleMillis the longest delay of a request by a quota
     */
    TidemarkException explain(TidemarkException failure, long throttleMillis) {
        Duration open = running ? Duration.ofNanos(nanoTime.getAsLong() - begun) : Duration.ZERO;
        if (failure.kind() == FailureKind.FENCED
                && open.compareTo(timeout) >= 0
                && coordinator.get().map(ABORTED::contains).orElse(true)) {
            return new TidemarkException(
                    // Brokers that restart delay a transaction too; then a retry is faster. A quota delays it again.
                    throttleMillis > 0 ? FailureKind.TRANSACTION_TIMED_OUT : FailureKind.FENCED,
                    failure.getMessage() + ". The transaction was open for " + open.toMillis()
                            + " ms, and transaction.timeout.ms is " + timeout.toMillis()
                            + ", after which the broker aborts it. Nothing of it was committed. "
                            + quota(throttleMillis)
                            + "Raise transaction.timeout.ms in the worker's Kafka settings (at most the brokers'"
                            + " transaction.max.timeout.ms), or make transactions smaller (limits.offsetsPerPiece of the"
                            + " job, partitionsPerSlice of a new job)",
                    failure);
        }
        if (throttleMillis > 0
                && (failure.kind() == FailureKind.FENCED || failure.kind() == FailureKind.KAFKA_UNAVAILABLE)) {
            return new TidemarkException(
                    failure.kind(),
                    failure.getMessage() + ". " + quota(throttleMillis).strip(),
                    failure);
        }
        return failure;
    }

    private static String quota(long throttleMillis) {
        return throttleMillis <= 0
                ? ""
                : "A quota (producer_byte_rate) of the brokers delayed its requests by up to " + throttleMillis
                        + " ms: ask the cluster's administrator to raise it. ";
    }
}
