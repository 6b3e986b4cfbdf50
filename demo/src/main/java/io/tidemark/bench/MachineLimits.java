package io.tidemark.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Limits of this machine for one process. A broker that reaches them crashes, so the bench checks them first.
 *
 * @param openFiles number of files that a process may open; a JVM raises its soft limit to the hard one
 * @param memoryMaps number of memory regions that a process may map, including mapped files
 */
record MachineLimits(long openFiles, long memoryMaps) {

    /** The log segment. The indexes are mapped and then closed. */
    private static final int FILES_PER_PARTITION = 1;

    /** The offset index and the time index. */
    private static final int MAPS_PER_PARTITION = 2;

    /** Reserve for jars, sockets, the internal topics of the broker, libraries and thread stacks. */
    private static final int RESERVE = 1_000;

    private static final Path PROCESS = Path.of("/proc/self/limits");
    private static final Path MAPS = Path.of("/proc/sys/vm/max_map_count");
    private static final Pattern OPEN_FILES = Pattern.compile("Max open files +\\S+ +(\\d+|unlimited) .*");

    /** Returns the limits of this machine; no limits on systems other than Linux. */
    static MachineLimits here() {
        try {
            return new MachineLimits(
                    Files.exists(PROCESS) ? openFiles(Files.readAllLines(PROCESS)) : Long.MAX_VALUE,
                    Files.exists(MAPS) ? Long.parseLong(firstLine(MAPS)) : Long.MAX_VALUE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read this machine's limits", e);
        }
    }

    /** Reads the file at once, because files in /proc/sys cannot be read in pieces. */
    private static String firstLine(Path file) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return reader.readLine();
        }
    }

    /** Returns the hard limit in the lines of {@code /proc/self/limits}. */
    static long openFiles(List<String> lines) {
        for (String line : lines) {
            Matcher matcher = OPEN_FILES.matcher(line);
            if (matcher.matches()) {
                return matcher.group(1).equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(matcher.group(1));
            }
        }
        return Long.MAX_VALUE;
    }

    /** Returns why one broker cannot hold this number of partitions, or empty if it can. */
    Optional<String> refusal(long partitions) {
        long files = partitions * FILES_PER_PARTITION + RESERVE;
        long maps = partitions * MAPS_PER_PARTITION + RESERVE;
        if (files > openFiles) {
            return Optional.of("the broker needs " + files + " open files for " + partitions
                    + " partitions, but the limit is " + openFiles + "; raise the hard limit with: ulimit -n " + files
                    + ", or use fewer partitions or runs");
        }
        if (maps > memoryMaps) {
            return Optional.of("the broker needs " + maps + " memory maps for " + partitions
                    + " partitions, but the limit is " + memoryMaps + "; raise it with: sysctl vm.max_map_count=" + maps
                    + ", or use fewer partitions or runs");
        }
        return Optional.empty();
    }
}
