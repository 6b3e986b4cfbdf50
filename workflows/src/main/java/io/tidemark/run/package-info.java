/**
 * The data that workflows and activities exchange: plans, tasks, results. Temporal stores it, so it contains counts,
 * ranges and names of staged files, never records.
 */
@NullMarked
package io.tidemark.run;

import org.jspecify.annotations.NullMarked;
