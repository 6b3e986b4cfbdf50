/**
 * Makes Kafka clients with the settings that exactly-once needs, and translates every failure of theirs into a
 * {@link io.tidemark.run.TidemarkException}. Knows no other package of Kafka code.
 */
@NullMarked
package io.tidemark.kafka.client;

import org.jspecify.annotations.NullMarked;
