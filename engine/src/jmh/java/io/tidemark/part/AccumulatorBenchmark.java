package io.tidemark.part;

import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.GroupValue.GroupType;
import io.tidemark.number.Moments;
import io.tidemark.number.Squares192;
import io.tidemark.number.Sum128;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Adding the value of one record to each accumulator, once it has its size. Nanoseconds for each record. Values change from
 * record to record: 5,000 different texts of 12 bytes, latencies of a log-normal distribution around 100.
 *
 * <p>On a busy machine of 2 cores, the fastest of many passes over 10,000 records ({@code -bm sample}, p0.00):
 *
 * <pre>
 * double sum 1, exact sum below 1, exact sum and squares 2, moments 6, quantiles 3, ranked 2,
 * last number below 1, last text 5, registers 39, tokens 103, exact distinct 52, frequent 54
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AccumulatorBenchmark {
    private static final int RECORDS = 10_000;
    private static final int TEXTS = 5_000;
    private static final int LONGEST = 64;

    private final byte[][] texts = new byte[RECORDS][];
    private final double[] numbers = new double[RECORDS];
    private final long[] units = new long[RECORDS];
    private final long[] longs = new long[8];
    private final double[] doubles = new double[2];
    private long count;

    private final ExactDistinct exactDistinct =
            ExactDistinct.kind(100_000, LONGEST).create();
    private final ApproximateDistinct registers = ApproximateDistinct.kind(12).create();
    private final ApproximateDistinct tokens = ApproximateDistinct.kind(16).create();
    private final Quantiles quantiles = Quantiles.kind(6).create();
    private final TextEdge textEdge = TextEdge.kind(true, LONGEST).create();
    private final Ranked ranked = Ranked.kind(true, 10).create();
    private final Frequent frequent = Frequent.kind(1_000, LONGEST).create();

    /** Makes the records, fills the accumulators, and checks that they compute the right thing. */
    @Setup
    public void makeRecords() throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < RECORDS; i++) {
            texts[i] = GroupKey.of(List.of(new GroupValue(GroupType.STRING, "visitor-" + (1_000 + i * 7 % TEXTS))));
            numbers[i] = 100 * StrictMath.exp(random.nextGaussian());
            units[i] = Math.round(numbers[i] * 100);
        }
        exactDistinct();
        registers();
        tokens();
        if (exactDistinct.size() != TEXTS
                || Math.abs(registers.estimate() - TEXTS) > TEXTS / 10
                || tokens.estimate() != TEXTS
                || quantiles() != RECORDS
                || frequent() > RECORDS / 1_000) {
            throw new IllegalStateException("the answer is wrong");
        }
    }

    /** A sum of doubles, compensated as in a cell of today: what all others are compared with. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public double doubleSum() {
        for (double each : numbers) {
            double sum = doubles[0];
            double next = sum + each;
            doubles[1] += Math.abs(sum) >= Math.abs(each) ? (sum - next) + each : (each - next) + sum;
            doubles[0] = next;
        }
        return doubles[0];
    }

    /** A decimal or an integer. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long exactSum() {
        for (long each : units) {
            Sum128.add(longs, 0, each);
        }
        return longs[1];
    }

    /** The variance of exact numbers: sum and squares. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long exactSumAndSquares() {
        for (long each : units) {
            Sum128.add(longs, 0, each);
            Squares192.add(longs, 2, each);
        }
        return longs[4];
    }

    /** The variance of doubles. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public double moments() {
        for (double each : numbers) {
            Moments.add(doubles, 0, ++count, each);
        }
        return doubles[1];
    }

    /** The last number; each record is later than the one before. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long numberEdge() {
        for (long each : units) {
            NumberEdge.add(longs, 0, true, ++count, 0, count, each);
        }
        return longs[3];
    }

    /** The last text; each record is later than the one before. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public int textEdge() {
        for (byte[] each : texts) {
            textEdge.add(++count, 0, count, each, 0, each.length);
        }
        return textEdge.bytes();
    }

    /** A set that has the value already. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public int exactDistinct() throws TooManyValuesException {
        for (byte[] each : texts) {
            exactDistinct.add(each, 0, each.length);
        }
        return exactDistinct.size();
    }

    /** Full: 4,096 registers. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public int registers() {
        for (byte[] each : texts) {
            registers.add(each, 0, each.length);
        }
        return registers.bytes();
    }

    /** Not full: 5,000 tokens, all of which it has. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public int tokens() {
        for (byte[] each : texts) {
            tokens.add(each, 0, each.length);
        }
        return tokens.bytes();
    }

    /** An error of 0.8 %. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long quantiles() {
        long before = quantiles.count();
        for (double each : numbers) {
            quantiles.add(each);
        }
        return quantiles.count() - before;
    }

    /** The 10 largest, most of them found already. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public int ranked() {
        for (long each : units) {
            ranked.add(each, ++count, 0, count);
        }
        return ranked.size();
    }

    /** A capacity of 1,000 for 5,000 equally frequent values: the worst case. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long frequent() {
        for (byte[] each : texts) {
            frequent.add(each, 0, each.length);
        }
        return frequent.error();
    }
}
