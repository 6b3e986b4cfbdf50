/**
 * {@code ./tidemark bench}: measures whole runs, alternating with a bare consumer over the same topic on the same
 * machine. Prints a figure only after it has checked the rows against the sums of the generator.
 */
@NullMarked
package io.tidemark.bench;

import org.jspecify.annotations.NullMarked;
