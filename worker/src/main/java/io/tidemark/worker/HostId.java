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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The id of a worker process, which names the task queue for the files that it has staged. It is stored in a file in
 * the staging folder, so that a restarted process has the same id, and the file is locked, so that two processes never
 * share one. A person may name the id instead ({@code --host-id}). Then two processes with different folders can have
 * the same id, by mistake or because a folder was replaced, and the file holds the generation of the folder.
 */
final class HostId implements AutoCloseable {
    /** More worker processes with the same folder are a configuration error. */
    private static final int MAX_PROCESSES = 1_000;

    private static final int MAX_BYTES = 200;

    private final String id;
    private final String generation;
    private final FileLock lock;

    private HostId(String id, String generation, FileLock lock) {
        this.id = id;
        this.generation = generation;
        this.lock = lock;
    }

    /**
     * Locks the id that a person has named, or else the one that the folder keeps.
     *
     * @param name the id, or null
     * @throws IOException if the folder cannot be written, or another process has the folder and the name
     */
    static HostId acquire(Path folder, @Nullable String name) throws IOException {
        return name == null ? acquire(folder) : named(folder, name);
    }

    /**
     * Locks the first id in the folder that no other process holds, or makes a new one.
     *
     * @throws IOException if the folder cannot be written
     */
    static HostId acquire(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < MAX_PROCESSES; i++) {
            Locked mine = tryLock(folder.resolve("host-" + i + ".id"), () -> hostName() + "-" + suffix());
            if (mine != null) {
                return new HostId(mine.text(), "", mine.lock());
            }
        }
        throw new IOException(MAX_PROCESSES + " worker processes use the staging folder " + folder
                + "; start this one with another --staging");
    }

    private static HostId named(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        Locked mine = tryLock(folder.resolve("named-" + name + ".id"), HostId::suffix);
        if (mine == null) {
            throw new IOException("another worker process has the host id " + name + " and the staging folder " + folder
                    + "; give each process its own --host-id");
        }
        return new HostId(name, mine.text(), mine.lock());
    }

    /**
     * Returns the generation of the folder, for the names of staged files: a file of another generation is not in this
     * folder. Empty if the id is already different for each folder.
     */
    String generation() {
        return generation;
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

    /** The content of a file that this process has locked. */
    private record Locked(String text, FileLock lock) {}

    /** Locks a file and returns its content, which {@code made} makes if there is none; null if the file is locked. */
    private static @Nullable Locked tryLock(Path file, Supplier<String> made) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
            return lock == null ? null : new Locked(readOrWrite(channel, made), lock);
        } catch (OverlappingFileLockException e) {
            // Another worker in this process holds the lock.
            return null;
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
    }

    private static String readOrWrite(FileChannel channel, Supplier<String> maker) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
        channel.read(bytes, 0);
        String kept = StandardCharsets.UTF_8.decode(bytes.flip()).toString().strip();
        if (!kept.isEmpty()) {
            return kept;
        }
        String made = maker.get();
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
