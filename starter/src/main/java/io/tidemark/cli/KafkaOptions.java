package io.tidemark.cli;

import io.tidemark.settings.KafkaSettings;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The connection to Kafka, found by the same rules as the worker's. */
final class KafkaOptions {
    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "File with Kafka settings, one key=value a line. Default: $TIDEMARK_KAFKA_CONFIG, else"
                    + " ./kafka_server.config, else bootstrap.servers=localhost:9092.")
    private @Nullable Path file;

    @Option(
            names = "--kafka-consumer-config",
            paramLabel = "FILE",
            description = "File with settings for consumers only; they override --kafka-config. Default:"
                    + " $TIDEMARK_KAFKA_CONSUMER_CONFIG.")
    private @Nullable Path consumerFile;

    @Option(
            names = "--kafka-producer-config",
            paramLabel = "FILE",
            description = "File with settings for producers only; they override --kafka-config. Default:"
                    + " $TIDEMARK_KAFKA_PRODUCER_CONFIG.")
    private @Nullable Path producerFile;

    /** Returns whether {@code --kafka-config} is given. */
    boolean given() {
        return file != null;
    }

    KafkaSettings settings(PrintOptions print) {
        KafkaSettings settings;
        try {
            settings = KafkaSettings.find(file, consumerFile, producerFile);
        } catch (IllegalArgumentException e) {
            throw CliException.usage(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw CliException.usage(e.getMessage() + ": cannot be read");
        }
        settings.warnings().forEach(print::note);
        return settings;
    }
}
