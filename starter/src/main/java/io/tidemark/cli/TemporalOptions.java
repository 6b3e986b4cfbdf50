package io.tidemark.cli;

import io.tidemark.workflow.KafkaBatchWorkflow;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The connection to Temporal: Temporal's environment variables and profiles, overridden by these options. */
final class TemporalOptions {
    @Option(
            names = "--address",
            paramLabel = "HOST:PORT",
            description = "Address of the Temporal server. TLS settings and API keys come from Temporal's environment"
                    + " variables or profile. Default: $TEMPORAL_ADDRESS, else the profile, else localhost:7233.")
    private @Nullable String address;

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            description = "Temporal namespace. Default: $TEMPORAL_NAMESPACE, else the profile, else default.")
    private @Nullable String namespace;

    @Option(
            names = "--task-queue",
            paramLabel = "NAME",
            defaultValue = KafkaBatchWorkflow.TASK_QUEUE,
            description = "Task queue that the workers poll. Default: ${DEFAULT-VALUE}.")
    private String taskQueue = KafkaBatchWorkflow.TASK_QUEUE;

    TemporalConnection connect() {
        TemporalConnection connection = TemporalConnection.open(address, namespace, taskQueue);
        address = connection.address();
        return connection;
    }

    /** Returns the address of the server, for messages. */
    String address() {
        return address == null ? "the address given" : address;
    }
}
