package io.tidemark.job;

import java.time.Instant;

/** Where the first run of a job begins to read; later runs begin where the last one ended. */
public sealed interface StartSpec {

    /** At the first record that the topic still has. */
    record Earliest() implements StartSpec {}

    /** At the end: only what comes after the first run counts. */
    record Latest() implements StartSpec {}

    /** At the first record whose Kafka timestamp is not before {@code at}. */
    record At(Instant at) implements StartSpec {}

    /**
     * At the offsets that a consumer group has committed.
     *
     * @param group the group; by default the job's own, {@code tidemark-<name>}
     */
    record GroupOffsets(String group) implements StartSpec {}
}
