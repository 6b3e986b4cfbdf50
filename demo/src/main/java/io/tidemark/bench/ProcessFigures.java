package io.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * CPU time and memory of processes that are not a JVM, and of the processes that they start, from {@code /proc}. On
 * systems other than Linux all figures are 0.
 */
final class ProcessFigures {

    private static final Path PROC = Path.of("/proc");

    /** The unit of times in {@code /proc}, which Linux has fixed for programs. */
    private static final double TICKS_PER_SECOND = 100;

    // Positions behind the name in /proc/<pid>/stat; see proc(5).
    private static final int OWN_USER = 11;
    private static final int OWN_SYSTEM = 12;
    private static final int CHILDREN_USER = 13;
    private static final int CHILDREN_SYSTEM = 14;

    private ProcessFigures() {}

    /** Returns the CPU seconds of the children of this process that have ended, with their own children. */
    static double endedChildrenSeconds() {
        return ticks(PROC.resolve("self"), CHILDREN_USER, CHILDREN_SYSTEM) / TICKS_PER_SECOND;
    }

    /** Returns the CPU seconds of a process that runs, with all that it has started. */
    static double seconds(long pid) {
        return tree(pid)
                        .map(ProcessFigures::folder)
                        .mapToLong(each -> ticks(each, OWN_USER, OWN_SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM))
                        .sum()
                / TICKS_PER_SECOND;
    }

    /** Returns the sum of the memory peaks of a process that runs and of those that it has started and that still run. */
    static MemoryPeak memoryPeak(long pid) {
        return new MemoryPeak(
                0,
                tree(pid)
                        .mapToLong(each -> MemoryPeak.of(
                                        List.of(), lines(folder(each).resolve("status")))
                                .resident())
                        .sum());
    }

    /** Returns a process and those that it has started. */
    private static Stream<Long> tree(long pid) {
        return Stream.concat(Stream.of(pid), children(pid).boxed().flatMap(ProcessFigures::tree));
    }

    private static LongStream children(long pid) {
        Path tasks = folder(pid).resolve("task");
        if (!Files.isDirectory(tasks)) {
            return LongStream.empty();
        }
        try (Stream<Path> all = Files.list(tasks)) {
            // Lists of numbers; collected before the folder is closed.
            return LongStream.of(all.flatMap(task -> lines(task.resolve("children")).stream())
                    .flatMap(line -> Stream.of(line.trim().split(" ")))
                    .filter(each -> !each.isEmpty())
                    .mapToLong(Long::parseLong)
                    .toArray());
        } catch (IOException processHasEnded) {
            return LongStream.empty();
        }
    }

    private static long ticks(Path process, int... positions) {
        List<String> stat = lines(process.resolve("stat"));
        if (stat.isEmpty()) {
            return 0;
        }
        // The name is in parentheses and may have blanks.
        String[] fields =
                stat.get(0).substring(stat.get(0).lastIndexOf(')') + 2).split(" ");
        long sum = 0;
        for (int position : positions) {
            sum += Long.parseLong(fields[position]);
        }
        return sum;
    }

    private static Path folder(long pid) {
        return PROC.resolve(Long.toString(pid));
    }

    /** Returns the lines of a file; none if there is no such file, as of a process that has ended. */
    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException processHasEnded) {
            return List.of();
        }
    }
}
