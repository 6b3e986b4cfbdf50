/**
 * Reads records of an input topic, committed ones only. Knows {@code kafka.client} and {@code kafka.cluster}.
 */
@NullMarked
package io.tidemark.kafka.input;

import org.jspecify.annotations.NullMarked;
