package io.tidemark.testkit;

import io.tidemark.embedded.EmbeddedKafka;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** What may have happened to the disk of a broker that is down. */
public final class BrokerDisk {
    private BrokerDisk() {}

    /** Takes everything from an offset on from a log, as a disk does that never had it. */
    public static void cut(EmbeddedKafka kafka, String topic, int partition, long offset) throws IOException {
        Path folder = data(kafka).resolve(topic + "-" + partition);
        Path log = folder.resolve("00000000000000000000.log");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(log));
        int at = 0;
        // A batch begins with its first offset and the length of what follows these two.
        while (bytes.getLong(at) < offset) {
            at += 12 + bytes.getInt(at + 8);
        }
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
            channel.truncate(at);
        }
        for (String derived : List.of("*.index", "*.timeindex", "*.snapshot")) {
            delete(folder, derived);
        }
        crash(kafka);
    }

    /** Takes all that the coordinators of transactions know. */
    public static void forgetTransactions(EmbeddedKafka kafka) throws IOException {
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(data(kafka), "__transaction_state-*")) {
            for (Path log : logs) {
                delete(log, "0*");
            }
        }
        crash(kafka);
    }

    /** The broker looks at its logs when it starts, as after a crash. */
    private static void crash(EmbeddedKafka kafka) throws IOException {
        Files.deleteIfExists(data(kafka).resolve(".kafka_cleanshutdown"));
        Files.deleteIfExists(data(kafka).resolve("recovery-point-offset-checkpoint"));
    }

    private static Path data(EmbeddedKafka kafka) {
        return kafka.folder().resolve("data");
    }

    private static void delete(Path folder, String names) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, names)) {
            for (Path each : files) {
                Files.delete(each);
            }
        }
    }
}
