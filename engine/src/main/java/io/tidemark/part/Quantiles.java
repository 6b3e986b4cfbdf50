package io.tidemark.part;

import io.tidemark.number.Varint;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A histogram of doubles for quantiles. The bucket of a value is its sign, its exponent and the highest {@code bits} bits of
 * its mantissa, so each power of two is divided into {@code 2^bits} buckets of the same width. A quantile is answered with
 * the middle of its bucket, and is at most {@code 2^-(bits + 1)} of its value away from the exact one: 0.8 % for 6 bits.
 * Values below {@code 2^-1022} differ by at most {@code 2^-(1022 + bits)}. The smallest and the largest value are exact.
 *
 * <p>HdrHistogram (Tene) divides its range in this way. DDSketch (Masson, Rim and Lee, VLDB 2019) gives the same bound with
 * fewer buckets, and needs logarithms, which are not the same on all machines.
 *
 * <p>Written: how many buckets there are; then the smallest and largest value in eight bytes each, and for each bucket, in
 * their order, the gap to the one before and the count.
 */
public final class Quantiles implements Part {
    /** The fewest bits: an error of 12.5 %. */
    public static final int LEAST_BITS = 2;
    /** The most bits: an error of 0.05 %. */
    public static final int MOST_BITS = 10;

    private static final int MANTISSA_BITS = 52;
    private static final int EXPONENTS = 2047;
    private static final int FIRST_CAPACITY = 8;
    /** A range of buckets may have at most so many for each that is in use, if it has more than {@link #SHORT_RANGE}. */
    private static final int MOST_PER_USED = 3;

    private static final int SHORT_RANGE = 16;
    /** So many buckets at least are free at each end of a new range. */
    private static final int LEAST_SPARE = 4;

    private static final int GOLDEN = 0x9E3779B9;

    private final int bits;
    // Buckets that are close together: the counts of all from one on, and how many these are. A record then needs no
    // search.
    private int from;
    private int range;
    // Otherwise the range is 0, and this is a hash table with a load factor of at most 3/4. It holds the number of a
    // bucket and its count, which is 0 for an empty place.
    private int[] buckets = {};
    private long[] counts = {};
    private int size;
    private long count;
    private double least = Double.POSITIVE_INFINITY;
    private double most = Double.NEGATIVE_INFINITY;

    private Quantiles(int bits) {
        this.bits = bits;
    }

    /** The kind that divides each power of two into {@code 2^bits} buckets. */
    public static PartKind<Quantiles> kind(int bits) {
        if (bits < LEAST_BITS || bits > MOST_BITS) {
            throw new IllegalArgumentException("a histogram has " + LEAST_BITS + " to " + MOST_BITS + " bits");
        }
        return new Kind(bits);
    }

    /**
     * The fewest bits whose error is not larger than {@code error}.
     *
     * @param error relative to the value: 0.01 for 1 %
     * @throws IllegalArgumentException if even {@link #MOST_BITS} are too few
     */
    public static int bitsFor(double error) {
        int bits = LEAST_BITS;
        while (bits <= MOST_BITS && !(error(bits) <= error)) {
            bits++;
        }
        if (bits > MOST_BITS) {
            throw new IllegalArgumentException("the error of a quantile is at least " + error(MOST_BITS));
        }
        return bits;
    }

    /** The greatest relative error of a quantile. */
    public static double error(int bits) {
        return 1.0 / (1 << (bits + 1));
    }

    /** Adds a finite value. */
    public void add(double value) {
        if (!(Math.abs(value) <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException("only finite numbers have quantiles");
        }
        // -0.0 becomes 0.0.
        double positiveZero = value + 0.0;
        // Foreseen by the processor, since few values are new ones.
        if (positiveZero < least) {
            least = positiveZero;
        }
        if (positiveZero > most) {
            most = positiveZero;
        }
        add(bucket(positiveZero), 1);
    }

    /** The buckets' numbers are in the order of their values: from 0 on the positive ones, from -1 down the negative ones. */
    private int bucket(double value) {
        long magnitude = Double.doubleToRawLongBits(value) & Long.MAX_VALUE;
        int number = (int) (magnitude >>> (MANTISSA_BITS - bits));
        return value < 0 ? ~number : number;
    }

    private double middle(int bucket) {
        long number = bucket < 0 ? ~bucket : bucket;
        if (number == 0) {
            return 0;
        }
        double magnitude = Double.longBitsToDouble((2 * number + 1) << (MANTISSA_BITS - bits - 1));
        return bucket < 0 ? -magnitude : magnitude;
    }

    private void add(int bucket, long more) {
        int at = isInRange(bucket) ? bucket - from : reserve(bucket);
        if (counts[at] == 0) {
            size++;
        }
        counts[at] += more;
        count += more;
    }

    private boolean isInRange(int bucket) {
        return Integer.compareUnsigned(bucket - from, range) < 0;
    }

    /** The position of a bucket that is not in the range. */
    private int reserve(int bucket) {
        if (buckets.length > 0) {
            int at = probe(bucket);
            if (counts[at] > 0) {
                return at;
            }
            if (4 * (size + 1) <= 3 * buckets.length) {
                buckets[at] = bucket;
                return at;
            }
        }
        arrange(bucket);
        int at = position(bucket);
        if (range == 0) {
            buckets[at] = bucket;
        }
        return at;
    }

    private int position(int bucket) {
        return isInRange(bucket) ? bucket - from : probe(bucket);
    }

    private int probe(int bucket) {
        int mask = buckets.length - 1;
        int at = hash(bucket) & mask;
        while (buckets[at] != bucket && counts[at] != 0) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private static int hash(int bucket) {
        int spread = bucket * GOLDEN;
        return spread ^ spread >>> 15;
    }

    /** Makes room for one more bucket: in a range if all are close together, otherwise in a hash table. */
    private void arrange(int more) {
        int[] used = sorted();
        long[] its = new long[size];
        for (int i = 0; i < size; i++) {
            its[i] = count(used[i]);
        }
        int low = size == 0 ? more : Math.min(more, used[0]);
        int high = size == 0 ? more : Math.max(more, used[size - 1]);
        int width = high - low + 1;
        if (width <= Math.max(SHORT_RANGE, MOST_PER_USED * (size + 1))) {
            int spare = Math.max(LEAST_SPARE, width / 4);
            from = low - spare;
            range = width + 2 * spare;
            buckets = new int[0];
            counts = new long[range];
        } else {
            int capacity = Math.max(FIRST_CAPACITY, 2 * Integer.highestOneBit(size + 1));
            capacity *= 4 * (size + 1) > 3 * capacity ? 2 : 1;
            range = 0;
            buckets = new int[capacity];
            counts = new long[capacity];
        }
        for (int i = 0; i < used.length; i++) {
            int at = position(used[i]);
            if (range == 0) {
                buckets[at] = used[i];
            }
            counts[at] = its[i];
        }
    }

    /** The bucket at a position. */
    private int bucketAt(int i) {
        return range > 0 ? from + i : buckets[i];
    }

    /** How many values were added. */
    public long count() {
        return count;
    }

    /**
     * The quantiles: for each, the value of the rank {@code ceil(at * count)}, at least 1, as SQL's PERCENTILE_DISC has it.
     *
     * @param at each from 0 to 1
     * @return an approximation of each; the exact smallest value for 0 and the exact largest for 1; NaN without values
     */
    public double[] at(BigDecimal... at) {
        double[] values = new double[at.length];
        int[] sorted = sorted();
        for (int i = 0; i < at.length; i++) {
            // Multiplied as a decimal: as doubles, 0.07 of 100 would be a little more than 7.
            BigDecimal rank = at[i].multiply(BigDecimal.valueOf(count)).setScale(0, RoundingMode.CEILING);
            values[i] = count == 0 ? Double.NaN : ranked(sorted, rank.longValueExact());
        }
        return values;
    }

    private double ranked(int[] sorted, long rank) {
        if (rank <= 1) {
            return least;
        }
        if (rank == count) {
            return most;
        }
        int i = 0;
        for (long left = rank - count(sorted[0]); left > 0; left -= count(sorted[i])) {
            i++;
        }
        return Math.max(least, Math.min(most, middle(sorted[i])));
    }

    private long count(int bucket) {
        return counts[position(bucket)];
    }

    private int[] sorted() {
        int[] sorted = new int[size];
        int next = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                sorted[next++] = bucketAt(i);
            }
        }
        Arrays.sort(sorted);
        return sorted;
    }

    @Override
    public int bytes() {
        return HeapBytes.OBJECT + HeapBytes.ofInts(buckets.length) + HeapBytes.ofLongs(counts.length);
    }

    @Override
    public void merge(Part from) {
        Quantiles other = (Quantiles) from;
        for (int i = 0; i < other.counts.length; i++) {
            if (other.counts[i] > 0) {
                add(other.bucketAt(i), other.counts[i]);
            }
        }
        least = Math.min(least, other.least);
        most = Math.max(most, other.most);
    }

    @Override
    public int encodedBytes() {
        int length = Varint.size(size) + (size > 0 ? 2 * Double.BYTES : 0);
        int[] sorted = sorted();
        for (int i = 0; i < size; i++) {
            length += gapSize(sorted, i) + Varint.size(count(sorted[i]));
        }
        return length;
    }

    private static int gapSize(int[] sorted, int i) {
        return i == 0 ? Encoding.signedSize(sorted[0]) : Varint.size(sorted[i] - sorted[i - 1]);
    }

    @Override
    public int write(byte[] into, int at) {
        int end = Varint.write(size, into, at);
        if (size == 0) {
            return end;
        }
        ByteBuffer.wrap(into).putDouble(end, least).putDouble(end + Double.BYTES, most);
        end += 2 * Double.BYTES;
        int[] sorted = sorted();
        for (int i = 0; i < size; i++) {
            end = i == 0
                    ? Encoding.writeSigned(sorted[0], into, end)
                    : Varint.write(sorted[i] - sorted[i - 1], into, end);
            end = Varint.write(count(sorted[i]), into, end);
        }
        return end;
    }

    private static Quantiles read(ByteBuffer from, int bits) {
        int length = from.remaining();
        Quantiles part = new Quantiles(bits);
        int mostBuckets = 2 * mostBuckets(bits);
        int left = Encoding.readCount(from, mostBuckets, 2);
        if (left == 0) {
            return Encoding.complete(part, from, length);
        }
        Encoding.check(from.remaining() >= 2 * Double.BYTES, "it is cut off");
        double least = from.getDouble();
        double most = from.getDouble();
        long bucket = 0;
        for (boolean first = true; left > 0; left--, first = false) {
            long gap = first ? Encoding.readSigned(from) : Varint.read(from);
            bucket += gap;
            Encoding.check(
                    Math.abs(gap) < mostBuckets
                            && (first || gap > 0)
                            && bucket < mostBuckets(bits)
                            && ~bucket < mostBuckets(bits),
                    "buckets are not in their order");
            Encoding.check(!first || part.isIn(least, (int) bucket), "the smallest value is in another bucket");
            long more = Varint.read(from);
            Encoding.check(more > 0 && part.count + more > 0, "a bucket is empty or too full");
            part.add((int) bucket, more);
        }
        Encoding.check(part.isIn(most, (int) bucket) && least <= most, "the largest value is in another bucket");
        part.least = least;
        part.most = most;
        return Encoding.complete(part, from, length);
    }

    private boolean isIn(double value, int bucket) {
        return bucket(value) == bucket && (value != 0 || Double.doubleToRawLongBits(value) == 0);
    }

    /** How many buckets the numbers of one sign have. */
    private static int mostBuckets(int bits) {
        return EXPONENTS << bits;
    }

    private record Kind(int bits) implements PartKind<Quantiles> {
        @Override
        public String signature() {
            return "histogram.1(" + bits + ")";
        }

        @Override
        public Strength strength() {
            return Strength.EXACT;
        }

        @Override
        public long maxBytes() {
            // The hash table has a place for each bucket of both signs, and one more of four is empty.
            int places = Integer.highestOneBit(2 * mostBuckets(bits)) * 4;
            return HeapBytes.OBJECT + HeapBytes.ofInts(places) + HeapBytes.ofLongs(places);
        }

        @Override
        public Quantiles create() {
            return new Quantiles(bits);
        }

        @Override
        public Quantiles read(ByteBuffer from) {
            return Quantiles.read(from, bits);
        }
    }
}
