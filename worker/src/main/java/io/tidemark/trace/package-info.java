/** Traces of runs by OpenTelemetry. No other package knows it, and no class of it is loaded without {@code --otlp}. */
@NullMarked
package io.tidemark.trace;

import org.jspecify.annotations.NullMarked;
