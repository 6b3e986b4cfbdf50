/**
 * Finds the window that contains an event time, in the calendar of any time zone.
 */
@NullMarked
package io.tidemark.window;

import org.jspecify.annotations.NullMarked;
