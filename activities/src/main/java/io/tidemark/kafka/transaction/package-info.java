/**
 * Writes transactions: the fencing producer, and the wait for transaction markers. Knows {@code kafka.client} and
 * {@code kafka.cluster}. Each class is one exchange of the protocol in docs/exactly-once.md.
 */
@NullMarked
package io.tidemark.kafka.transaction;

import org.jspecify.annotations.NullMarked;
