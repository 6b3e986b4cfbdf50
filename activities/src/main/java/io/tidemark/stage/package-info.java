/**
 * What one activity leaves for the next on the same host: CSV files that a person can read, and a checksum that tells
 * whether they are the ones that were announced.
 */
@NullMarked
package io.tidemark.stage;

import org.jspecify.annotations.NullMarked;
