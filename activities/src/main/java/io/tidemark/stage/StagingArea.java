package io.tidemark.stage;

import io.tidemark.run.FailureKind;
import io.tidemark.run.StagedFile;
import io.tidemark.run.TidemarkException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder in which one activity leaves files for the next one: one folder per run, files that only this user can
 * read. A file gets its final name when it is complete. Each attempt writes its own files, so concurrent attempts do
 * not conflict. Safe for use by several threads and processes.
 */
public final class StagingArea {
    private static final Logger LOG = LoggerFactory.getLogger(StagingArea.class);

    private static final int MAX_ATTEMPTS = 100;

    private final Path folder;
    private final String generation;
    private final boolean posix;
    private final SecureRandom random = new SecureRandom();

    /** Creates an area in {@code folder}, which is created when the first file is written. */
    public StagingArea(Path folder) {
        this(folder, "");
    }

    /**
     * Creates an area whose queue may have had another folder before, or has one on another machine. Files that were
     * staged there count as lost, also if one of the same name is here.
     *
     * @param generation 8 hexadecimal digits, the same as long as the folder exists and different for another folder;
     *     empty if the queue has had no other folder
     */
    public StagingArea(Path folder, String generation) {
        this.generation = generation;
        this.folder = folder.toAbsolutePath().normalize();
        this.posix = this.folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Returns the folder. */
    public Path folder() {
        return folder;
    }

    /**
     * Writes and deletes a small file.
     *
     * @throws TidemarkException STAGING_FAILED if the folder cannot be written
     */
    public void requireWritable() {
        byte[] suffix = new byte[4];
        random.nextBytes(suffix);
        Path file = folder.resolve("probe-" + HexFormat.of().formatHex(suffix));
        try {
            Files.createDirectories(folder);
            try {
                Files.write(file, suffix);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw failed("writing", file, e);
        }
    }

    /**
     * Returns the size of all staged files, of all processes that use the folder, in bytes. Files that are deleted meanwhile
     * may or may not count.
     */
    public long usedBytes() throws IOException {
        long[] sum = new long[1];
        if (Files.isDirectory(folder)) {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    // The ids of hosts are in the folder itself.
                    sum[0] += folder.equals(file.getParent()) ? 0 : attributes.size();
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path each, @Nullable IOException e) {
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        return sum[0];
    }

    /** Returns how many bytes this process can still write to the disk of the folder. */
    public long freeBytes() throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    /**
     * Begins a file. It has a temporary name until {@link Draft#finish}.
     *
     * @param run folder of the run, such as {@code voltage-daily/2f0c…}
     * @param name what the file contains, such as {@code slice-3-split-0-cells}; the generation and a random suffix are added
     */
    public Draft draft(String run, String name) {
        byte[] suffix = new byte[4];
        random.nextBytes(suffix);
        return new Draft(
                inside(run + "/" + name + "-" + generation + HexFormat.of().formatHex(suffix) + ".csv"));
    }

    /** A file that is being written. {@link #close} deletes it if it is not finished. */
    public final class Draft implements AutoCloseable {
        private final Path target;
        private final Path unfinished;
        private final CRC32C crc = new CRC32C();
        private final Writer out;

        private Draft(Path target) {
            this.target = target;
            this.unfinished = target.resolveSibling(target.getFileName() + ".unfinished");
            try {
                OutputStream raw = Files.newOutputStream(create(unfinished), StandardOpenOption.WRITE);
                this.out = new BufferedWriter(
                        new OutputStreamWriter(new CheckedOutputStream(raw, crc), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw failed("writing", target, e);
            }
        }

        /** Returns the writer for the content. */
        public Writer out() {
            return out;
        }

        /** Completes the file and returns its reference; {@code rows} is the number of rows without the header. */
        public StagedFile finish(long rows) {
            try {
                out.close();
                Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw failed("writing", target, e);
            }
            return new StagedFile(folder.relativize(target).toString(), rows, hex(crc));
        }

        @Override
        public void close() {
            try (out) {
                Files.deleteIfExists(unfinished);
            } catch (IOException e) {
                throw failed("deleting", unfinished, e);
            }
        }
    }

    /**
     * Creates an empty file. Between the two calls, another slice of the run may delete the folder when it ends; then
     * both are repeated.
     */
    private Path create(Path file) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                Files.createDirectories(file.getParent(), permissions("rwx------"));
                return Files.createFile(file, permissions("rw-------"));
            } catch (NoSuchFileException | FileAlreadyExistsException e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Returns the failure STAGING_FAILED for an I/O error of a staged file. */
    public static TidemarkException failed(String what, Path path, IOException e) {
        return new TidemarkException(
                FailureKind.STAGING_FAILED,
                what + " staged file " + path + ": " + e + "; is the disk full, or the folder not writable?",
                e);
    }

    /** Reads the content of a file. */
    @FunctionalInterface
    public interface Use {
        /** Reads the content and returns the number of rows. */
        long readFrom(Reader in) throws IOException;
    }

    /**
     * Reads a file once and compares its checksum at the end. {@code use} may see damaged content, so its result counts
     * only if this method returns.
     *
     * @throws StagedLostException if the file is missing or differs from its reference
     */
    public void read(StagedFile file, Use use) throws StagedLostException {
        Path path = ours(file);
        long rows;
        CRC32C crc = new CRC32C();
        try (InputStream raw = Files.newInputStream(path)) {
            InputStream content = new CheckedInputStream(raw, crc) {
                @Override
                public void close() {
                    // What the reader left must still be read for the checksum.
                }
            };
            try {
                rows = use.readFrom(
                        new BufferedReader(new InputStreamReader(content, StandardCharsets.UTF_8.newDecoder())));
            } catch (IOException | RuntimeException e) {
                content.transferTo(OutputStream.nullOutputStream());
                requireChecksum(file, crc);
                throw e;
            }
            content.transferTo(OutputStream.nullOutputStream());
            requireChecksum(file, crc);
        } catch (NoSuchFileException e) {
            throw new StagedLostException(file.name() + " is missing");
        } catch (IOException e) {
            throw failed("reading", path, e);
        }
        if (rows != file.rows()) {
            throw new StagedLostException(file.name() + " has " + rows + " rows, not " + file.rows());
        }
    }

    /**
     * Verifies a file's checksum.
     *
     * @throws StagedLostException if the file is missing or has another checksum
     */
    public void verify(StagedFile file) throws StagedLostException {
        Path path = ours(file);
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(path)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                crc.update(buffer, 0, n);
            }
        } catch (NoSuchFileException e) {
            throw new StagedLostException(file.name() + " is missing");
        } catch (IOException e) {
            throw failed("reading", path, e);
        }
        requireChecksum(file, crc);
    }

    private Path ours(StagedFile file) throws StagedLostException {
        Path path = inside(file.name());
        String name = path.getFileName().toString();
        String suffix = name.substring(name.lastIndexOf('-') + 1);
        if (!suffix.startsWith(generation)) {
            throw new StagedLostException(
                    file.name() + " was staged by another generation of this host, and this one is " + generation
                            + ". Either its staging folder was replaced, or two workers have the same --host-id");
        }
        return path;
    }

    private static void requireChecksum(StagedFile file, CRC32C crc) throws StagedLostException {
        if (!hex(crc).equals(file.checksum())) {
            throw new StagedLostException(file.name() + " has the checksum " + hex(crc) + ", not " + file.checksum());
        }
    }

    /**
     * Deletes the files of a run whose names begin with {@code namePrefix}, and the run's folder if it is then empty.
     * Errors are only logged, because the files are not needed any more and {@link #sweep} deletes them later.
     */
    public void delete(String run, String namePrefix) {
        Path runFolder = inside(run);
        try {
            try (var files = Files.newDirectoryStream(
                    runFolder, each -> each.getFileName().toString().startsWith(namePrefix))) {
                for (Path each : files) {
                    Files.deleteIfExists(each);
                }
            }
            deleteIfEmpty(runFolder);
            Path jobFolder = runFolder.getParent();
            if (jobFolder != null && !jobFolder.equals(folder)) {
                deleteIfEmpty(jobFolder);
            }
        } catch (NoSuchFileException e) {
            // Nothing was staged, or another slice of the run has deleted the folder.
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("folder", runFolder)
                    .addKeyValue("problem", e)
                    .log("staged files could not be deleted, the next sweep retries");
        }
    }

    /**
     * Deletes files that dead processes left: those last modified more than {@code olderThan} ago, and then their
     * folders.
     */
    public void sweep(Duration olderThan) {
        Instant limit = Instant.now().minus(olderThan);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    boolean staged = !folder.equals(file.getParent());
                    if (staged && attributes.lastModifiedTime().toInstant().isBefore(limit)) {
                        Files.deleteIfExists(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    // Another process may have deleted the file.
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path each, @Nullable IOException e) throws IOException {
                    try {
                        if (!each.equals(folder)
                                && Files.getLastModifiedTime(each).toInstant().isBefore(limit)) {
                            deleteIfEmpty(each);
                        }
                    } catch (NoSuchFileException gone) {
                        // A slice that has ended deleted the folder.
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw failed("sweeping", folder, e);
        }
    }

    private static void deleteIfEmpty(Path folder) throws IOException {
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            // The folder is still in use.
        }
    }

    /**
     * Returns the path of a staged file. The name comes from the activity's input, so it must not lead out of the
     * folder.
     */
    private Path inside(String name) {
        Path path = folder.resolve(name).normalize();
        if (!path.startsWith(folder) || path.equals(folder)) {
            throw new TidemarkException(FailureKind.UNEXPECTED, "the staged file '" + name + "' is outside " + folder);
        }
        return path;
    }

    private FileAttribute<?>[] permissions(String permissions) {
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static String hex(CRC32C crc) {
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
