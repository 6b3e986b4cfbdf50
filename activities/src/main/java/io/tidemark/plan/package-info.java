/**
 * Step 1, {@code listPartitions}: decides what a run reads, and makes all checks that are possible before an effect.
 * Depends on the checks and the Kafka packages, and on {@code Checkpoints} of the steps.
 */
@NullMarked
package io.tidemark.plan;

import org.jspecify.annotations.NullMarked;
