package io.tidemark.worker;

import io.tidemark.notify.Webhook;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Whom a worker tells about runs, besides its log and its metrics.
 *
 * @param webhook receives notices, or null
 * @param lineage URL that receives OpenLineage events, or null
 * @param otlp base URL of an OpenTelemetry collector, or null
 */
public record Outlets(
        @Nullable Webhook webhook,
        @Nullable URI lineage,
        @Nullable URI otlp) {
    /** Tells nobody. */
    public static final Outlets NONE = new Outlets(null, null, null);
}
