/** The metrics of a worker, and the line that it logs at the end of a run. No other package knows Micrometer. */
@NullMarked
package io.tidemark.metrics;

import org.jspecify.annotations.NullMarked;
