/**
 * Running totals for each window and group. Adding records in any order, and merging tables in any order, gives the same
 * totals.
 */
@NullMarked
package io.tidemark.aggregate;

import org.jspecify.annotations.NullMarked;
