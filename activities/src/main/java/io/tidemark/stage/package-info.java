/**
 * Stores the files that one activity leaves for the next one on the same host: readable CSV files, with checksums that
 * detect missing or changed files.
 */
@NullMarked
package io.tidemark.stage;

import org.jspecify.annotations.NullMarked;
