/**
 * {@code ./tidemark demo}: everything on this machine, with nothing installed but Java. It starts servers and types the
 * commands that a person would; the commands themselves are the command line's own.
 */
@NullMarked
package io.tidemark.demo;

import org.jspecify.annotations.NullMarked;
