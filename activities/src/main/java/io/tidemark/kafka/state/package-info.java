/**
 * Reads and writes what a job stores in Kafka between runs: progress and totals in its state topic, and the offsets of
 * its group. Depends on the other Kafka packages except {@code kafka.input}.
 */
@NullMarked
package io.tidemark.kafka.state;

import org.jspecify.annotations.NullMarked;
