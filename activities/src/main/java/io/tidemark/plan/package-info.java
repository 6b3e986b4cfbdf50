/**
 * Step 1, {@code listPartitions}: decides what a run reads, and makes every check that can be made before an effect. Knows
 * the checks and the Kafka packages, and of the steps only the points where tests stop them.
 */
@NullMarked
package io.tidemark.plan;

import org.jspecify.annotations.NullMarked;
