/**
 * The order of things: deterministic code, and the interfaces of the activities that it calls.
 */
@NullMarked
package io.tidemark.workflow;

import org.jspecify.annotations.NullMarked;
