/** Evaluates the condition of a job ({@code where}) on the fields of a record. */
@NullMarked
package io.tidemark.filter;

import org.jspecify.annotations.NullMarked;
