/**
 * {@code ./tidemark demo}: shows Tidemark on one machine that has only Java. It starts servers and runs the commands of
 * the command line.
 */
@NullMarked
package io.tidemark.demo;

import org.jspecify.annotations.NullMarked;
