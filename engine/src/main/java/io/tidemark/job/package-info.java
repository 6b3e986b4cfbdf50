/**
 * What to compute: the job, the table of its fields ({@code JobFields}), and the names that are made from its name. A job is
 * stored in Temporal's history, so it is immutable and never holds a secret. It knows no other package of Tidemark but
 * {@code io.tidemark.job.form}.
 */
@NullMarked
package io.tidemark.job;

import org.jspecify.annotations.NullMarked;
