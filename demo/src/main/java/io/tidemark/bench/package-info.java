/**
 * {@code ./tidemark bench}: whole runs beside a bare consumer loop over the same topic, in turn, on one machine. A figure
 * is printed only after the rows were proved equal to sums that the generator kept.
 */
@NullMarked
package io.tidemark.bench;

import org.jspecify.annotations.NullMarked;
