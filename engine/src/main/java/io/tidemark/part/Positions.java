package io.tidemark.part;

/** The order of records that decides between equal values: event time, then partition, then offset. It is total. */
final class Positions {
    private Positions() {}

    static int compare(long time, int partition, long offset, long otherTime, int otherPartition, long otherOffset) {
        int byTime = Long.compare(time, otherTime);
        if (byTime != 0) {
            return byTime;
        }
        int byPartition = Integer.compare(partition, otherPartition);
        return byPartition != 0 ? byPartition : Long.compare(offset, otherOffset);
    }
}
