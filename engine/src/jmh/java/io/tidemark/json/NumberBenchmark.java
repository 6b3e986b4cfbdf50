package io.tidemark.json;

import io.tidemark.number.NumberReader;
import io.tidemark.number.NumberReader.Outcome;
import java.nio.charset.StandardCharsets;
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

/** Reading the digits of one number, such as 1234.56, as a double and exactly. Nanoseconds for each. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class NumberBenchmark {
    private static final int NUMBERS = 10_000;

    private final byte[][] numbers = new byte[NUMBERS][];
    private final byte[][] integers = new byte[NUMBERS][];
    private final NumberReader decimal = NumberReader.decimal(2);
    private final NumberReader integer = NumberReader.integer();

    /** Makes the numbers, and checks that both ways read the same. */
    @Setup
    public void makeNumbers() {
        Random random = new Random(1);
        for (int i = 0; i < NUMBERS; i++) {
            int cents = random.nextInt(random.nextInt(10_000_000) + 1);
            numbers[i] = (cents / 100 + "." + cents % 100 / 10 + cents % 10).getBytes(StandardCharsets.US_ASCII);
            integers[i] = Integer.toString(cents).getBytes(StandardCharsets.US_ASCII);
        }
        if (Math.abs(asDouble() * 100 - asDecimal()) > 1e-3 || asInteger() != asDecimal()) {
            throw new IllegalStateException("the answer is wrong");
        }
    }

    /** As today's sums take it. */
    @Benchmark
    @OperationsPerInvocation(NUMBERS)
    public double asDouble() {
        double sum = 0;
        for (byte[] each : numbers) {
            sum += JsonNumbers.parse(each, 0, each.length);
        }
        return sum;
    }

    /** With two decimals, exactly. */
    @Benchmark
    @OperationsPerInvocation(NUMBERS)
    public long asDecimal() {
        return sum(decimal, numbers);
    }

    /** A whole number, exactly. */
    @Benchmark
    @OperationsPerInvocation(NUMBERS)
    public long asInteger() {
        return sum(integer, integers);
    }

    private static long sum(NumberReader reader, byte[][] numbers) {
        long sum = 0;
        for (byte[] each : numbers) {
            if (reader.read(each, 0, each.length) == Outcome.EXACT) {
                sum += reader.value();
            }
        }
        return sum;
    }
}
