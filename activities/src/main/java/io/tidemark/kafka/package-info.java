/**
 * Everything that talks to Kafka, and the only package that imports its client. Each class is one exchange of the
 * protocol in docs/exactly-once.md; none keeps state between calls but the shared admin client.
 */
@NullMarked
package io.tidemark.kafka;

import org.jspecify.annotations.NullMarked;
