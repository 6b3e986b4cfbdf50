/**
 * The workflows of a run, and the interfaces of the activities that they call. This code is deterministic: its clock,
 * its random numbers and its threads come from Temporal.
 */
@NullMarked
package io.tidemark.workflow;

import org.jspecify.annotations.NullMarked;
