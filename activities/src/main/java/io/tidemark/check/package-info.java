/**
 * Checks that a step makes before it has an effect: the job, cluster and topics are those of the plan, and no records
 * are lost. Depends on the Kafka packages, not on the plan or the steps.
 */
@NullMarked
package io.tidemark.check;

import org.jspecify.annotations.NullMarked;
