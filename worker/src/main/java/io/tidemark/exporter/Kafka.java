package io.tidemark.exporter;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The questions to the Kafka cluster. */
interface Kafka {
    /**
     * Returns the names of all topics.
     *
     * @throws RuntimeException if the cluster does not answer
     */
    Set<String> topics();

    /**
     * What Kafka knows of a job.
     *
     * @param input null if the input is not known or cannot be asked
     * @param state null if the job has no state topic or it cannot be asked
     */
    record JobFacts(@Nullable InputFacts input, @Nullable StateFacts state) {}

    /** Returns by job what is known of its input and its state; counts what could not be asked. */
    Map<String, JobFacts> look(Collection<WatchedJob> jobs, Instant now, Problems problems);
}
