package io.tidemark.kafka.client;

import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** The oldest brokers that Tidemark works with, and the check of a cluster. */
public final class BrokerVersions {
    /** The version of Kafka that has all of {@link #NEEDED}. */
    public static final String LEAST = "3.0";

    /**
     * The requests that Tidemark sends to brokers, with the version of Kafka that has them in the form that is needed.
     * BrokerVersionsIT compares the keys with the requests of whole runs.
     */
    static final Map<String, String> NEEDED = Map.ofEntries(
            Map.entry("API_VERSIONS", "2.7"), // with the cluster's features
            Map.entry("METADATA", "2.8"), // with topic ids
            Map.entry("DESCRIBE_TOPIC_PARTITIONS", "0"), // METADATA where it is missing
            Map.entry("DESCRIBE_CLUSTER", "0"), // METADATA where it is missing
            Map.entry("FIND_COORDINATOR", "0.11"),
            Map.entry("LIST_OFFSETS", "0.11"),
            Map.entry("FETCH", "0.11"),
            Map.entry("OFFSET_FOR_LEADER_EPOCH", "2.3"),
            Map.entry("CREATE_TOPICS", "2.4"), // with the brokers' own replication factor
            Map.entry("CREATE_PARTITIONS", "1.0"),
            Map.entry("DELETE_RECORDS", "0.11"), // of partial totals
            Map.entry("DESCRIBE_CONFIGS", "0.11"),
            Map.entry("CONSUMER_GROUP_DESCRIBE", "0"), // DESCRIBE_GROUPS where it is missing
            Map.entry("DESCRIBE_GROUPS", "0.9"),
            Map.entry("OFFSET_FETCH", "2.5"), // with a choice whether to wait for open transactions
            Map.entry("INIT_PRODUCER_ID", "0.11"),
            Map.entry("ADD_PARTITIONS_TO_TXN", "0.11"),
            Map.entry("ADD_OFFSETS_TO_TXN", "0.11"),
            Map.entry("TXN_OFFSET_COMMIT", "2.5"), // with the group's metadata
            Map.entry("PRODUCE", "0.11"),
            Map.entry("END_TXN", "0.11"),
            Map.entry("DESCRIBE_PRODUCERS", "2.8"),
            Map.entry("DESCRIBE_TRANSACTIONS", "3.0"),
            Map.entry("LIST_TRANSACTIONS", "3.0"));

    /** A broker that does not answer keeps a plan from starting for this long, once. */
    private static final int ANSWER_MILLIS = 5_000;

    private static final Set<Long> NOBODY = Set.of(Long.MAX_VALUE);

    private BrokerVersions() {}

    /**
     * Requires that every broker that answers has the newest of {@link #NEEDED}: without it, a run would fail after it
     * has written its rows.
     *
     * @param apiTimeout the timeout of the admin client's calls, in milliseconds
     * @throws TidemarkException REFUSED_BY_KAFKA with the ids of brokers that are too old
     */
    static void require(Admin admin, String servers, int apiTimeout) {
        ListTransactionsOptions options = new ListTransactionsOptions().filterProducerIds(NOBODY);
        options.timeoutMs(Math.min(ANSWER_MILLIS, apiTimeout));
        List<Integer> tooOld = new ArrayList<>();
        Map<Integer, KafkaFuture<Collection<TransactionListing>>> answers = KafkaCalls.get(
                "versions of the brokers at " + servers,
                admin.listTransactions(options).byBrokerId());
        new TreeMap<>(answers).forEach((broker, answer) -> {
            try {
                KafkaCalls.get("version of broker " + broker, answer);
            } catch (TidemarkException e) {
                if (e.getCause() instanceof UnsupportedVersionException) {
                    tooOld.add(broker);
                }
            }
        });
        if (!tooOld.isEmpty()) {
            throw new TidemarkException(
                    FailureKind.REFUSED_BY_KAFKA,
                    "the brokers " + tooOld + " of the cluster at " + servers + " are older than Kafka " + LEAST
                            + ": they do not know the request LIST_TRANSACTIONS, which tells when the rows of a run are"
                            + " visible. Nothing was read or written. Upgrade the brokers to Kafka " + LEAST
                            + " or later");
        }
    }
}
