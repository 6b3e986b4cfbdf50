/** The custom search attributes of a Temporal namespace. */
@NullMarked
package io.tidemark.visibility;

import org.jspecify.annotations.NullMarked;
