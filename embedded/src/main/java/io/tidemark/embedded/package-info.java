/**
 * Servers for the demo, the bench and the tests: a Kafka broker in this JVM and a Temporal server. The packaged worker
 * does not contain this module.
 */
@NullMarked
package io.tidemark.embedded;

import org.jspecify.annotations.NullMarked;
