package io.tidemark.testkit;

import io.tidemark.aggregator.Aggregator;
import io.tidemark.aggregator.AggregatorProvider;
import io.tidemark.aggregator.ArgumentType;
import io.tidemark.aggregator.Arguments;
import io.tidemark.aggregator.Options;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** The aggregate {@code test.weighted} of a plugin: a sum of whole numbers, each with its weight. It can be told to fail. */
public final class WeightedSum implements AggregatorProvider {
    private final int version;

    /** A provider with this version. */
    public WeightedSum(int version) {
        this.version = version;
    }

    @Override
    public String name() {
        return "test.weighted";
    }

    @Override
    public int version() {
        return version;
    }

    @Override
    public Aggregator<?> create(Options options) {
        return new Sum(options.text("fail", ""), options.whole("scale", 1, 1_000, 1));
    }

    private record Sum(String fail, int scale) implements Aggregator<long[]> {
        private void enter(String method) {
            if (fail.equals(method)) {
                throw new IllegalStateException("secret of a record");
            }
        }

        @Override
        public List<ArgumentType> arguments() {
            return List.of(ArgumentType.INTEGER, ArgumentType.NUMBER, ArgumentType.TEXT);
        }

        @Override
        public long[] createAccumulator() {
            enter("createAccumulator");
            return new long[2];
        }

        @Override
        public long[] addInput(long[] accumulator, Arguments input) {
            enter("addInput");
            accumulator[0] += scale * input.integer(0) * (long) input.number(1);
            accumulator[1] += input.text(2).length();
            return accumulator;
        }

        @Override
        public long[] mergeAccumulators(long[] into, long[] from) {
            enter("mergeAccumulators");
            return new long[] {into[0] + from[0], into[1] + from[1]};
        }

        @Override
        public Object extractOutput(long[] accumulator) {
            enter("extractOutput");
            return fail.equals("value")
                    ? new StringBuilder("secret of a record")
                    : Map.of("sum", accumulator[0], "letters", List.of(accumulator[1], true));
        }

        @Override
        public byte[] encode(long[] accumulator) {
            enter("encode");
            return accumulator[0] == 0 && accumulator[1] == 0
                    ? new byte[0]
                    : ByteBuffer.allocate(16)
                            .putLong(accumulator[0])
                            .putLong(accumulator[1])
                            .array();
        }

        @Override
        public long[] decode(byte[] bytes) {
            enter("decode");
            ByteBuffer from = ByteBuffer.wrap(bytes);
            return bytes.length == 0 ? new long[2] : new long[] {from.getLong(), from.getLong()};
        }

        @Override
        public int maxBytes() {
            return fail.equals("maxBytes") ? 15 : 16;
        }

        @Override
        public boolean isCanonical() {
            return true;
        }
    }
}
