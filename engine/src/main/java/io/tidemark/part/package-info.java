/**
 * Accumulators whose size is not fixed: sets and sketches of distinct values, histograms, texts, rankings. Each can be fed,
 * merged, written and read, and says how far its bytes depend on the order of records and merges.
 */
@NullMarked
package io.tidemark.part;

import org.jspecify.annotations.NullMarked;
