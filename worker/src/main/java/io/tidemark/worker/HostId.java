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
 * The name under which a process is known as the keeper of its staged files. It is kept in a file beside them, so that
 * the process that follows on the same host answers for them, and locked, so that two at once have names of their own.
 */
final class HostId implements AutoCloseable {
    /** More processes on one host, with one folder, are a mistake. */
    private static final int MOST = 1_000;

    private static final int MAX_BYTES = 200;

    private final String id;
    private final FileLock lock;

    private HostId(String id, FileLock lock) {
        this.id = id;
        this.lock = lock;
    }

    /**
     * Takes the first name that no other process holds, or makes one.
     *
     * @throws IOException where the folder cannot be written
     */
    static HostId acquire(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < MOST; i++) {
            HostId mine = tryAcquire(folder.resolve("host-" + i + ".id"));
            if (mine != null) {
                return mine;
            }
        }
        throw new IOException(MOST + " worker processes hold an id in " + folder + "; give this one another --staging");
    }

    /** The name: fit for a task queue, the same after a restart. */
    String id() {
        return id;
    }

    @Override
    public void close() throws IOException {
        // The channel's end is the lock's end; the file stays for the process that follows.
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
            // Another worker in this process.
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

    /** Two hosts may bear the same name; staged files of one must never be looked for on the other. */
    private static String suffix() {
        byte[] random = new byte[4];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }
}
