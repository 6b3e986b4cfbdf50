package io.tidemark.bench;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The most memory that a JVM had at any moment, in MiB.
 *
 * @param heap the fullest that a collection found the heap; 0 where there was none
 * @param resident the whole process in RAM; 0 where the system does not say
 */
record MemoryPeak(long heap, long resident) {

    /** Nothing is known. */
    static final MemoryPeak NONE = new MemoryPeak(0, 0);

    private static final Pattern COLLECTION = Pattern.compile("(\\d+)M->\\d+M\\(\\d+M\\)");
    private static final Pattern RESIDENT = Pattern.compile("VmHWM:\\s+(\\d+) kB");

    /**
     * Reads it.
     *
     * @param collections what {@code -Xlog:gc} wrote, of any collector
     * @param status the lines of {@code /proc/<pid>/status}
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

    /** The greater one of each. */
    MemoryPeak max(MemoryPeak other) {
        return new MemoryPeak(Math.max(heap, other.heap), Math.max(resident, other.resident));
    }

    @Override
    public String toString() {
        return "heap " + heap + " MB, resident " + resident + " MB";
    }
}
