/**
 * The body of the hot loop: one record into the running totals, without a lasting object.
 */
@NullMarked
package io.tidemark.fold;

import org.jspecify.annotations.NullMarked;
