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
 * What a machine lets one process have. A broker that runs into it dies in the middle of things, so it is better looked at
 * beforehand.
 *
 * @param openFiles the most that a process may open; a JVM raises its own limit to the hard one by itself
 * @param memoryMaps the most regions of memory, among them files that are mapped
 */
record MachineLimits(long openFiles, long memoryMaps) {

    /** A log segment; the indexes beside it are mapped and closed. */
    private static final int FILES_PER_PARTITION = 1;

    /** The offset index and the time index. */
    private static final int MAPS_PER_PARTITION = 2;

    /** Jars, sockets and the broker's own topics; libraries and thread stacks. */
    private static final int RESERVE = 1_000;

    private static final Path PROCESS = Path.of("/proc/self/limits");
    private static final Path MAPS = Path.of("/proc/sys/vm/max_map_count");
    private static final Pattern OPEN_FILES = Pattern.compile("Max open files +\\S+ +(\\d+|unlimited) .*");

    /** Those of this machine; without limits where it is not Linux and does not say. */
    static MachineLimits here() {
        try {
            return new MachineLimits(
                    Files.exists(PROCESS) ? openFiles(Files.readAllLines(PROCESS)) : Long.MAX_VALUE,
                    Files.exists(MAPS) ? Long.parseLong(firstLine(MAPS)) : Long.MAX_VALUE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read this machine's limits", e);
        }
    }

    /** In one read: what is below /proc/sys cannot be read in pieces. */
    private static String firstLine(Path file) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return reader.readLine();
        }
    }

    /** The hard limit in the lines of {@code /proc/self/limits}. */
    static long openFiles(List<String> lines) {
        for (String line : lines) {
            Matcher matcher = OPEN_FILES.matcher(line);
            if (matcher.matches()) {
                return matcher.group(1).equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(matcher.group(1));
            }
        }
        return Long.MAX_VALUE;
    }

    /** Why one broker cannot hold so many partitions here; empty where it can. */
    Optional<String> refusal(long partitions) {
        long files = partitions * FILES_PER_PARTITION + RESERVE;
        long maps = partitions * MAPS_PER_PARTITION + RESERVE;
        if (files > openFiles) {
            return Optional.of("the broker would open " + files + " files for " + partitions
                    + " partitions, and this machine lets a process open " + openFiles + "; raise it with ulimit -n "
                    + files + " (the hard limit, too), or take fewer partitions or runs");
        }
        if (maps > memoryMaps) {
            return Optional.of("the broker would map " + maps + " regions of memory for " + partitions
                    + " partitions, and this machine lets a process map " + memoryMaps
                    + "; raise it with sysctl vm.max_map_count=" + maps + ", or take fewer partitions or runs");
        }
        return Optional.empty();
    }
}
