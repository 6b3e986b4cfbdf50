package io.tidemark.bench;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The fields around those that jobs read: numbers and texts in turn, of changing lengths. The last field of a value, a
 * note, is not among them. They are made once and used again and again, because forty fields of each of ten million
 * values would take minutes.
 */
final class WideFields {

    /** Different lengths, so that the two sides are combined in many ways. */
    private static final int BEFORE = 997;

    private static final int AFTER = 1_009;

    private final String[] before;
    private final String[] after;
    private int next;

    private WideFields(String[] before, String[] after) {
        this.before = before;
        this.after = after;
    }

    /** Returns the fields of one partition. Without {@code --fields} there are none. */
    static WideFields of(Workload workload) {
        if (workload.fields() == 0) {
            return new WideFields(new String[] {""}, new String[] {""});
        }
        int read = workload.groups() > 0 ? 3 : 2;
        int before = (workload.fields() - read) / 2;
        SplittableRandom random = new SplittableRandom(1);
        return new WideFields(
                IntStream.range(0, BEFORE)
                        .mapToObj(i -> fields(0, before, random) + ",")
                        .toArray(String[]::new),
                IntStream.range(0, AFTER)
                        .mapToObj(i -> "," + fields(before, workload.fields() - read - before - 1, random))
                        .toArray(String[]::new));
    }

    private static String fields(int first, int count, SplittableRandom random) {
        StringBuilder fields = new StringBuilder();
        for (int i = first; i < first + count; i++) {
            fields.append(i == first ? "\"f" : ",\"f").append(i).append("\":");
            if (i % 2 == 0) {
                fields.append(random.nextInt(1_000) / 10.0);
            } else {
                fields.append("\"text ").append(random.nextInt(100)).append('"');
            }
        }
        return fields.toString();
    }

    /** Returns the fields before those that jobs read, with the comma behind them. */
    String before() {
        return before[next % before.length];
    }

    /** Returns the fields behind those that jobs read, with the comma before them, and steps to the next value. */
    String after() {
        return after[next++ % after.length];
    }
}
