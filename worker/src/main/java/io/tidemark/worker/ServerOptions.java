package io.tidemark.worker;

import io.temporal.envconfig.ClientConfigProfile;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.temporal.TemporalProfile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where Kafka and Temporal are: options of each process that needs both. */
final class ServerOptions {
    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "File with Kafka settings, one key=value a line. Default: $" + KafkaSettings.FILE_VARIABLE
                    + ", else ./" + KafkaSettings.DEFAULT_FILE + ", else bootstrap.servers="
                    + KafkaSettings.DEFAULT_BOOTSTRAP_SERVERS + ".")
    private @Nullable Path kafkaConfig;

    @Option(
            names = "--kafka-consumer-config",
            paramLabel = "FILE",
            description = "File with settings for consumers only; they override --kafka-config. Default: $"
                    + KafkaSettings.CONSUMER_FILE_VARIABLE + ".")
    private @Nullable Path consumerConfig;

    @Option(
            names = "--address",
            paramLabel = "HOST:PORT",
            description =
                    "Address of the Temporal server. Default: $TEMPORAL_ADDRESS, else the profile, else localhost:7233.")
    private @Nullable String address;

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            description =
                    "Temporal namespace of the runs. Default: $TEMPORAL_NAMESPACE, else the profile, else default.")
    private @Nullable String namespace;

    /**
     * Returns the settings for Kafka.
     *
     * @param producerConfig file with settings for producers only; null for none
     */
    KafkaSettings kafka(@Nullable Path producerConfig) throws IOException {
        return KafkaSettings.find(kafkaConfig, consumerConfig, producerConfig);
    }

    ClientConfigProfile temporal() throws IOException {
        return TemporalProfile.load(address, namespace);
    }
}
