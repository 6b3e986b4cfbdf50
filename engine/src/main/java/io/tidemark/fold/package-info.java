/**
 * The body of the hot loop: adds one record to the running totals without allocating.
 */
@NullMarked
package io.tidemark.fold;

import org.jspecify.annotations.NullMarked;
