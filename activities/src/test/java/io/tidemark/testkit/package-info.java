/** What tests of the protocol share: one broker, a driver of the steps without Temporal, and the guarantees. */
@NullMarked
package io.tidemark.testkit;

import org.jspecify.annotations.NullMarked;
