/**
 * Steps 2 to 5: consume, aggregate, produce, commitOffsets. They connect the engine with Kafka and the staged files,
 * and do not depend on Temporal.
 */
@NullMarked
package io.tidemark.step;

import org.jspecify.annotations.NullMarked;
