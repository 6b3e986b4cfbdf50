/**
 * The CSV formats of the files that one activity leaves for the next: partial totals and bad records. Knows the totals
 * and the job; it does not know where the files are.
 */
@NullMarked
package io.tidemark.csv;

import org.jspecify.annotations.NullMarked;
