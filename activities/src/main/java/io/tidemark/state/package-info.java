/**
 * Running totals in the state topic: versioned, compact, and refused where they cannot be read.
 */
@NullMarked
package io.tidemark.state;

import org.jspecify.annotations.NullMarked;
