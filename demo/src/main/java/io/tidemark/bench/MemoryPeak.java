package io.tidemark.bench;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The peak of the memory of a JVM, in MiB.
 *
 * @param heap the largest heap at the start of a collection; 0 without a collection
 * @param resident the largest resident set of the process; 0 if the system does not report it
 */
record MemoryPeak(long heap, long resident) {

    /** No figures. */
    static final MemoryPeak NONE = new MemoryPeak(0, 0);

    private static final Pattern COLLECTION = Pattern.compile("(\\d+)M->\\d+M\\(\\d+M\\)");
    private static final Pattern RESIDENT = Pattern.compile("VmHWM:\\s+(\\d+) kB");

    /**
     * Returns the peak that these files report.
     *
     * @param collections lines of {@code -Xlog:gc}, of any collector
     * @param status lines of {@code /proc/<pid>/status}
     */
    static MemoryPeak of(List<String> collections, List<String> status) {
        MemoryPeak peak = NONE;
        for (String line : collections) {
            Matcher matcher = COLLECTION.matcher(line);
            if (matcher.find()) {
                peak = peak.max(new MemoryPeak(Long.parseLong(matcher.group(1)), 0));
            }
        }
        for (String line : status) {
            Matcher matcher = RESIDENT.matcher(line);
            if (matcher.matches()) {
                peak = peak.max(new MemoryPeak(0, Long.parseLong(matcher.group(1)) / 1024));
            }
        }
        return peak;
    }

    /** Returns the larger value of each kind. */
    MemoryPeak max(MemoryPeak other) {
        return new MemoryPeak(Math.max(heap, other.heap), Math.max(resident, other.resident));
    }

    @Override
    public String toString() {
        return (heap > 0 ? "heap " + heap + " MB, " : "") + "resident " + resident + " MB";
    }
}
