/** Reads the settings files that several modules share. */
@NullMarked
package io.tidemark.settings;

import org.jspecify.annotations.NullMarked;
