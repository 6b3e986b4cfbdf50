/**
 * Asks the cluster: topics, their offsets, and who writes to them. Knows only {@code kafka.client}.
 */
@NullMarked
package io.tidemark.kafka.cluster;

import org.jspecify.annotations.NullMarked;
