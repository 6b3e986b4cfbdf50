/** The program that {@code ./tidemark demo} and {@code ./tidemark bench} start. */
@NullMarked
package io.tidemark.launch;

import org.jspecify.annotations.NullMarked;
