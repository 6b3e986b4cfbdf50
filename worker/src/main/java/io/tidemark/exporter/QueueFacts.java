package io.tidemark.exporter;

import java.util.OptionalLong;

/**
 * What Temporal knows of a task queue.
 *
 * @param kind {@code workflow} or {@code activity}
 * @param pollers workers that polled within two minutes
 * @param backlog about how many tasks wait; empty if the server does not say
 */
record QueueFacts(String name, String kind, int pollers, OptionalLong backlog) {}
