/**
 * Checks that a step makes before it has an effect: the same job, cluster and topics as planned, and nothing lost. Knows
 * the Kafka packages; it knows neither the plan nor the steps.
 */
@NullMarked
package io.tidemark.check;

import org.jspecify.annotations.NullMarked;
