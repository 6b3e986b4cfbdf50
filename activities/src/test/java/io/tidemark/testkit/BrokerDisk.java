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

/** Damages the disk of a broker that is down. */
public final class BrokerDisk {
    private static final String LOG = "00000000000000000000.log";

    private BrokerDisk() {}

    /** Truncates a log at an offset, as if the rest had never been written to disk. */
    public static void cut(EmbeddedKafka kafka, String topic, int partition, long offset) throws IOException {
        Path folder = folder(kafka, topic, partition);
        Path log = folder.resolve(LOG);
        int at = find(log, offset);
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
            channel.truncate(at);
        }
        for (String derived : List.of("*.index", "*.timeindex", "*.snapshot")) {
            delete(folder, derived);
        }
        crash(kafka);
    }

    /** Changes the last byte of the batch that contains {@code offset}. */
    public static void damage(EmbeddedKafka kafka, String topic, int partition, long offset) throws IOException {
        Path log = folder(kafka, topic, partition).resolve(LOG);
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            int at = find(log, offset + 1) - 1;
            channel.read(last, at);
            last.put(0, (byte) ~last.get(0));
            channel.write(last.rewind(), at);
        }
    }

    /** Returns the file position of the first batch whose base offset is at least {@code offset}. */
    private static int find(Path log, long offset) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(log));
        int at = 0;
        // A batch begins with its base offset and the length of the rest.
        while (at < bytes.limit() && bytes.getLong(at) < offset) {
            at += 12 + bytes.getInt(at + 8);
        }
        return at;
    }

    /** Deletes the state of the transaction coordinators. */
    public static void forgetTransactions(EmbeddedKafka kafka) throws IOException {
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(data(kafka), "__transaction_state-*")) {
            for (Path log : logs) {
                delete(log, "0*");
            }
        }
        crash(kafka);
    }

    /** Makes the broker check its logs at the start, as after a crash. */
    private static void crash(EmbeddedKafka kafka) throws IOException {
        Files.deleteIfExists(data(kafka).resolve(".kafka_cleanshutdown"));
        Files.deleteIfExists(data(kafka).resolve("recovery-point-offset-checkpoint"));
    }

    private static Path folder(EmbeddedKafka kafka, String topic, int partition) {
        return data(kafka).resolve(topic + "-" + partition);
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
