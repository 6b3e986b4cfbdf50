/**
 * Facts about one run: plans, tasks, results. They pass through Temporal, so they hold counts, ranges and names of
 * staged files, and never a record.
 */
@NullMarked
package io.tidemark.run;

import org.jspecify.annotations.NullMarked;
