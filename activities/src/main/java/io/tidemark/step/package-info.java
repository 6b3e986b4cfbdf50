/**
 * Steps 2 to 5: consume, aggregate, produce, commitOffsets. They join the engine to Kafka and to the staged files, and know
 * no Temporal.
 */
@NullMarked
package io.tidemark.step;

import org.jspecify.annotations.NullMarked;
