package io.tidemark.kafka.transaction;

import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Pause;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;

/**
 * Waits for transaction markers. The coordinator answers a commit as soon as it is certain, and afterwards writes a
 * marker to each partition of the transaction. The last stable offset of a partition hides the transaction's records
 * until its marker is written.
 */
public final class TransactionMarkers {
    /** Markers take some milliseconds, unless the leader of a partition does not answer. */
    private static final Duration MARKER_TIMEOUT = Duration.ofSeconds(20);

    private static final long PAUSE_MILLIS = 5;
    private static final Set<TransactionState> ENDING =
            Set.of(TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT);

    private final KafkaClients clients;

    /** Waits for markers in the clients' cluster. */
    public TransactionMarkers(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * Waits until every ended transaction with such an id has all its markers, so that a {@code read_committed} reader
     * sees its records. Does not wait for open transactions, nor for those whose ids the worker may not describe.
     *
     * @param prefix of the transactional ids
     * @throws TidemarkException KAFKA_UNAVAILABLE if markers are missing after 20 s
     */
    public void await(String prefix) {
        long begun = System.nanoTime();
        for (Optional<TransactionListing> left = ending(prefix); left.isPresent(); left = ending(prefix)) {
            if (System.nanoTime() - begun > MARKER_TIMEOUT.toNanos()) {
                throw new TidemarkException(
                        FailureKind.KAFKA_UNAVAILABLE,
                        "transaction " + left.get().transactionalId() + " of producer "
                                + left.get().producerId()
                                + " has ended, but its markers are not all written after " + MARKER_TIMEOUT.toSeconds()
                                + " s (state " + left.get().state()
                                + "); check whether the leaders of all its partitions"
                                + " are up");
            }
            Pause.millis(PAUSE_MILLIS);
        }
    }

    private Optional<TransactionListing> ending(String prefix) {
        return KafkaCalls.get(
                        "transactions of the cluster",
                        clients.admin()
                                .listTransactions(new ListTransactionsOptions().filterStates(ENDING))
                                .all())
                .stream()
                .filter(each -> each.transactionalId().startsWith(prefix))
                .findFirst();
    }
}
