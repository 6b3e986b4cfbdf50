/**
 * What a job keeps in Kafka between runs: progress and totals in its state topic, and the offsets of its group. Knows the
 * other Kafka packages but {@code kafka.input}.
 */
@NullMarked
package io.tidemark.kafka.state;

import org.jspecify.annotations.NullMarked;
