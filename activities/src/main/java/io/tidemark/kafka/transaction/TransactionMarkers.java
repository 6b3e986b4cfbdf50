package io.tidemark.kafka.transaction;

import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Pause;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/**
 * Waits for transaction markers. The coordinator answers a commit as soon as it is certain, and afterwards writes a
 * marker to each partition of the transaction. The last stable offset of a partition hides the transaction's records
 * until its marker is written. Not safe for use by several threads.
 */
public final class TransactionMarkers {
    /** Markers take some milliseconds, unless the leader of a partition does not answer. */
    private static final Duration MARKER_TIMEOUT = Duration.ofSeconds(20);

    /** Doubled after each request. Most markers take a few milliseconds. */
    private static final long FIRST_PAUSE_MILLIS = 5;

    private static final long LONGEST_PAUSE_MILLIS = 500;
    private static final Set<TransactionState> ENDING =
            Set.of(TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT);

    private final KafkaClients clients;
    private boolean selectsById = true;

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
        long pause = FIRST_PAUSE_MILLIS;
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
            Pause.millis(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
    }

    private Optional<TransactionListing> ending(String prefix) {
        // Brokers before 4.1 (KIP-1152) cannot select by id, and list the ending transactions of all producers.
        if (selectsById) {
            try {
                return first(prefix, ending().filterOnTransactionalIdPattern(Pattern.quote(prefix) + ".*"));
            } catch (TidemarkException e) {
                if (!(e.getCause() instanceof UnsupportedVersionException)) {
                    throw e;
                }
                selectsById = false;
            }
        }
        return first(prefix, ending());
    }

    private static ListTransactionsOptions ending() {
        return new ListTransactionsOptions().filterStates(ENDING);
    }

    private Optional<TransactionListing> first(String prefix, ListTransactionsOptions options) {
        return KafkaCalls.get(
                        "transactions of the cluster",
                        clients.admin().listTransactions(options).all())
                .stream()
                .filter(each -> each.transactionalId().startsWith(prefix))
                .findFirst();
    }
}
