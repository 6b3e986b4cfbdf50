package io.tidemark.kafka.input;

import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Tells which batches of a response belong to aborted transactions, by the rule that the client's consumer uses.
 */
final class AbortedBatches {
    /** Aborted transactions that begin behind the batches seen so far, ordered by first offset. */
    private final Queue<AbortedTransaction> ahead =
            new PriorityQueue<>(Comparator.comparingLong(AbortedTransaction::firstOffset));

    /** Producers whose current transaction was aborted. */
    private final Set<Long> producers = new HashSet<>();

    AbortedBatches(@Nullable List<AbortedTransaction> transactions) {
        if (transactions != null) {
            ahead.addAll(transactions);
        }
    }

    /** Returns true if the batch belongs to an aborted transaction. Must be called for all batches, in order. */
    boolean hides(RecordBatch batch) {
        if (!batch.hasProducerId()) {
            return false;
        }
        for (AbortedTransaction next = ahead.peek();
                next != null && next.firstOffset() <= batch.lastOffset();
                next = ahead.peek()) {
            producers.add(next.producerId());
            ahead.remove();
        }
        if (endsAborted(batch)) {
            producers.remove(batch.producerId());
        }
        return batch.isTransactional() && producers.contains(batch.producerId());
    }

    private static boolean endsAborted(RecordBatch batch) {
        if (!batch.isControlBatch()) {
            return false;
        }
        Iterator<Record> marker = batch.iterator();
        return marker.hasNext() && ControlRecordType.parse(marker.next().key()) == ControlRecordType.ABORT;
    }
}
