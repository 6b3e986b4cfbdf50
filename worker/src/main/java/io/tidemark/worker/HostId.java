package io.tidemark.worker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The id of a worker process, which names the task queue for the files that it has staged. It is stored in a file in
 * the staging folder, so that a restarted process has the same id, and the file is locked, so that two processes never
 * share one.
 */
final class HostId implements AutoCloseable {
    /** More worker processes with the same folder are a configuration error. */
    private static final int MAX_PROCESSES = 1_000;

    private static final int MAX_BYTES = 200;

    private final String id;
    private final FileLock lock;

    private HostId(String id, FileLock lock) {
        this.id = id;
        this.lock = lock;
    }

    /**
     * Locks the first id in the folder that no other process holds, or makes a new one.
     *
     * @throws IOException if the folder cannot be written
     */
    static HostId acquire(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < MAX_PROCESSES; i++) {
            HostId mine = tryAcquire(folder.resolve("host-" + i + ".id"));
            if (mine != null) {
                return mine;
            }
        }
        throw new IOException(MAX_PROCESSES + " worker processes use the staging folder " + folder
                + "; start this one with another --staging");
    }

    /** Returns the id. It can be part of a task queue name, and is the same after a restart. */
    String id() {
        return id;
    }

    @Override
    public void close() throws IOException {
        // Closing the channel releases the lock. The file stays for the next process.
        lock.acquiredBy().close();
    }

    private static @Nullable HostId tryAcquire(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
            return lock == null ? null : new HostId(readOrWrite(channel), lock);
        } catch (OverlappingFileLockException e) {
            // Another worker in this process holds the lock.
            return null;
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
    }

    private static String readOrWrite(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
        channel.read(bytes, 0);
        String kept = StandardCharsets.UTF_8.decode(bytes.flip()).toString().strip();
        if (!kept.isEmpty()) {
            return kept;
        }
        String made = hostName() + "-" + suffix();
        channel.write(ByteBuffer.wrap((made + "\n").getBytes(StandardCharsets.UTF_8)), 0);
        channel.force(true);
        return made;
    }

    private static String hostName() {
        try {
            String name = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
            return name.replaceAll("[^a-z0-9.-]", "-").substring(0, Math.min(100, name.length()));
        } catch (UnknownHostException e) {
            return "host";
        }
    }

    /**
     * Returns random digits, because two hosts may have the same name, and files of one must never be looked for on the
     * other.
     */
    private static String suffix() {
        byte[] random = new byte[4];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }
}
