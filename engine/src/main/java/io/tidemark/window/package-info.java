/**
 * From an event time to the window that it belongs into, in the calendar of any time zone.
 */
@NullMarked
package io.tidemark.window;

import org.jspecify.annotations.NullMarked;
