package io.tidemark.testkit;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;

/** The transactions that the coordinators of a cluster know. */
public final class Transactions {
    private Transactions() {}

    /**
     * Returns those in one of these states; all if there are none. If a broker goes away meanwhile, the admin client asks it as
     * if it were any broker, and fails with "Unexpected key set" (Kafka 4.4.0). Then the others are asked again.
     */
    public static Collection<TransactionListing> in(Admin admin, Set<TransactionState> states) {
        long deadline = System.nanoTime() + Rig.PATIENCE.toNanos();
        while (true) {
            try {
                return admin.listTransactions(new ListTransactionsOptions().filterStates(states))
                        .all()
                        .get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof IllegalArgumentException) || System.nanoTime() > deadline) {
                    throw new IllegalStateException(e);
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
