/**
 * What to compute. A job travels in Temporal's history, so it is immutable, checks itself and never holds a secret.
 */
@NullMarked
package io.tidemark.job;

import org.jspecify.annotations.NullMarked;
