/** The crash table, the weaker variants and the refusals of docs/exactly-once.md, against a real broker. */
@NullMarked
package io.tidemark.protocol;

import org.jspecify.annotations.NullMarked;
