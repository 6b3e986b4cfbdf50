/**
 * Makes Kafka clients with the settings that exactly-once needs, and translates all their failures into {@link
 * io.tidemark.run.TidemarkException}. Depends on no other package of Kafka code.
 */
@NullMarked
package io.tidemark.kafka.client;

import org.jspecify.annotations.NullMarked;
