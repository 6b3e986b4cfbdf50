/** Reads committed records of an input topic. Depends on {@code kafka.client} and {@code kafka.cluster}. */
@NullMarked
package io.tidemark.kafka.input;

import org.jspecify.annotations.NullMarked;
