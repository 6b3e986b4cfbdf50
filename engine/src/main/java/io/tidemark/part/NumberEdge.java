package io.tidemark.part;

/**
 * The number of the first or the last record by (event time, partition, offset): four longs, which are the time in
 * milliseconds, the partition plus one, the offset, and the number. Four zeros are an edge without records, because the
 * second is then 0. Order and cut of the records make no difference.
 */
public final class NumberEdge {
    /** How many longs an edge takes. */
    public static final int LONGS = 4;

    private NumberEdge() {}

    /**
     * Takes a record's number if it is beyond the one that is there.
     *
     * @param last whether the greatest position wins; otherwise the least
     * @param number a long, the units of a decimal, or the raw bits of a double
     */
    public static void add(long[] edges, int at, boolean last, long time, int partition, long offset, long number) {
        if (isBeyond(edges, at, last, time, partition + 1, offset)) {
            edges[at] = time;
            edges[at + 1] = partition + 1;
            edges[at + 2] = offset;
            edges[at + 3] = number;
        }
    }

    private static boolean isBeyond(long[] edges, int at, boolean last, long time, int place, long offset) {
        int order = Positions.compare(time, place, offset, edges[at], (int) edges[at + 1], edges[at + 2]);
        return edges[at + 1] == 0 || (last ? order > 0 : order < 0);
    }

    /** Takes the edge at {@code from} of {@code others} if it is beyond the one at {@code at}. */
    public static void merge(long[] edges, int at, boolean last, long[] others, int from) {
        if (isPresent(others, from)) {
            add(edges, at, last, others[from], (int) others[from + 1] - 1, others[from + 2], others[from + 3]);
        }
    }

    /** Whether there is a record. */
    public static boolean isPresent(long[] edges, int at) {
        return edges[at + 1] != 0;
    }

    /** The number, as it was added. */
    public static long number(long[] edges, int at) {
        return edges[at + 3];
    }
}
