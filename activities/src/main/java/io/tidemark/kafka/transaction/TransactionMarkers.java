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
 * A commit is answered as soon as it is certain, and its markers are written after that, to one partition after the other.
 * Until a partition has its marker, the last stable offset hides what the transaction brought.
 */
public final class TransactionMarkers {
    /** Markers take some milliseconds, unless the leader of a partition does not answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final long PAUSE_MILLIS = 5;
    private static final Set<TransactionState> ENDING =
            Set.of(TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT);

    private final KafkaClients clients;

    /** Markers in the clients' cluster. */
    public TransactionMarkers(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * Waits until every transaction under such an id that was committed or aborted has all its markers, so that a {@code
     * read_committed} reader sees what it brought. Does not wait for transactions that are open, nor for those whose ids
     * the worker may not describe.
     *
     * @param prefix of the transactional ids
     * @throws TidemarkException KAFKA_UNAVAILABLE where that takes longer than 20 s
     */
    public void await(String prefix) {
        long begun = System.nanoTime();
        for (Optional<TransactionListing> left = ending(prefix); left.isPresent(); left = ending(prefix)) {
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new TidemarkException(
                        FailureKind.KAFKA_UNAVAILABLE,
                        "transaction " + left.get().transactionalId() + " of producer "
                                + left.get().producerId()
                                + " has been ended, and after " + PATIENCE.toSeconds() + " s its markers are not"
                                + " written (state " + left.get().state() + "); is a broker down that leads one of its"
                                + " partitions?");
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
