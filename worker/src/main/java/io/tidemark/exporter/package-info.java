/**
 * The command {@code exporter}: gauges of every job, from what Kafka and Temporal store. Needs no worker, and writes
 * nothing. {@link io.tidemark.exporter.Exporter} asks and computes, {@link io.tidemark.exporter.TemporalServer} and {@link
 * io.tidemark.exporter.KafkaCluster} know the clients.
 */
@NullMarked
package io.tidemark.exporter;

import org.jspecify.annotations.NullMarked;
