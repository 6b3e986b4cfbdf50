/**
 * Running totals in files that one activity leaves for the next and that a person can read.
 */
@NullMarked
package io.tidemark.stage;

import org.jspecify.annotations.NullMarked;
