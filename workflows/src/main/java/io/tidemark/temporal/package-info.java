/** The Temporal server: how to reach it, and the custom search attributes of a namespace. Knows {@code workflow} only. */
@NullMarked
package io.tidemark.temporal;

import org.jspecify.annotations.NullMarked;
