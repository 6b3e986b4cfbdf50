/**
 * Describes the cluster: topics, their offsets, and the producers that write to them. Depends only on {@code
 * kafka.client}.
 */
@NullMarked
package io.tidemark.kafka.cluster;

import org.jspecify.annotations.NullMarked;
