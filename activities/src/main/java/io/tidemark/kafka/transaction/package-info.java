/**
 * Writes transactions: the fencing producer, and the wait for transaction markers. Depends on {@code kafka.client} and
 * {@code kafka.cluster}. Each class implements one exchange of the protocol in docs/exactly-once.md.
 */
@NullMarked
package io.tidemark.kafka.transaction;

import org.jspecify.annotations.NullMarked;
