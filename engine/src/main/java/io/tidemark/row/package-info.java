/**
 * Makes the rows that are written from running totals: keys that differ for all cells, and values as JSON.
 */
@NullMarked
package io.tidemark.row;

import org.jspecify.annotations.NullMarked;
