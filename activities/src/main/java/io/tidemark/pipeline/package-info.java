/**
 * The steps of a run, each a class: plan, consume, aggregate, produce, commit. They join the plain code to Kafka and to
 * the staged files, and know nothing of Temporal.
 */
@NullMarked
package io.tidemark.pipeline;

import org.jspecify.annotations.NullMarked;
