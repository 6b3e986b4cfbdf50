/**
 * Servers for the demo, the bench and the tests: a Kafka broker in this JVM and a Temporal server beside it. Nothing
 * here is shipped; the packaged worker does not know this module.
 */
@NullMarked
package io.tidemark.embedded;

import org.jspecify.annotations.NullMarked;
