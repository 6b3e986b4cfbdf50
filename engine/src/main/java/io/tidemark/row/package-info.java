/**
 * From running totals to the rows that are written: keys that tell cells apart, and values as JSON.
 */
@NullMarked
package io.tidemark.row;

import org.jspecify.annotations.NullMarked;
