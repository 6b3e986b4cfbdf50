/**
 * Shared code of the protocol's tests: brokers, fault injection, drivers of the steps without Temporal, and the checks
 * of the guarantees.
 */
@NullMarked
package io.tidemark.testkit;

import org.jspecify.annotations.NullMarked;
