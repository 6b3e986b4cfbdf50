/** Settings that a person writes in files and that several modules read. */
@NullMarked
package io.tidemark.settings;

import org.jspecify.annotations.NullMarked;
