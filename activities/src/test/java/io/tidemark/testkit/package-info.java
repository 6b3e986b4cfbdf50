/**
 * What tests of the protocol share: brokers, ways for things to go wrong, drivers of the steps without Temporal, and the
 * guarantees.
 */
@NullMarked
package io.tidemark.testkit;

import org.jspecify.annotations.NullMarked;
