/** The program that the launcher script starts for {@code demo} and {@code bench}. Knows those two commands. */
@NullMarked
package io.tidemark.launch;

import org.jspecify.annotations.NullMarked;
