/** Loads the plugins of a process from a folder. */
@NullMarked
package io.tidemark.plugin;

import org.jspecify.annotations.NullMarked;
