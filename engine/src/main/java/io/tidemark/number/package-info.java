/**
 * Exact numbers: reading decimals and integers from bytes without rounding, sums of 128 and 192 bits, mean, variance and
 * standard deviation with a single rounding, and how numbers are written. No method depends on the order of records, except
 * where it says so.
 */
@NullMarked
package io.tidemark.number;

import org.jspecify.annotations.NullMarked;
