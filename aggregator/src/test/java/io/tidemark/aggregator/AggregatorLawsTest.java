package io.tidemark.aggregator;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The kit accepts an aggregator that keeps the laws, and finds each one that breaks a law. */
class AggregatorLawsTest {

    /** The largest whole number. Each subclass breaks one law. */
    static class Largest implements AggregatorProvider, Aggregator<long[]> {
        @Override
        public String name() {
            return "test.largest";
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Aggregator<?> create(Options options) {
            options.whole("unused", 0, 9, 0);
            return this;
        }

        @Override
        public List<ArgumentType> arguments() {
            return List.of(ArgumentType.INTEGER);
        }

        @Override
        public long[] createAccumulator() {
            return new long[] {Long.MIN_VALUE};
        }

        @Override
        public long[] addInput(long[] accumulator, Arguments input) {
            accumulator[0] = Math.max(accumulator[0], input.integer(0));
            return accumulator;
        }

        @Override
        public long[] mergeAccumulators(long[] into, long[] from) {
            into[0] = Math.max(into[0], from[0]);
            return into;
        }

        @Override
        public Object extractOutput(long[] accumulator) {
            return accumulator[0];
        }

        @Override
        public byte[] encode(long[] accumulator) {
            return ByteBuffer.allocate(Long.BYTES).putLong(accumulator[0]).array();
        }

        @Override
        public long[] decode(byte[] bytes) {
            return new long[] {ByteBuffer.wrap(bytes).getLong()};
        }

        @Override
        public int maxBytes() {
            return Long.BYTES;
        }

        @Override
        public boolean isCanonical() {
            return true;
        }
    }

    private static void check(AggregatorProvider provider) {
        AggregatorLaws.check(provider, Map.of(), random -> List.of(random.nextLong()));
    }

    private static void refuses(AggregatorProvider provider, String law) {
        assertThatThrownBy(() -> check(provider))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("test.largest, trial ")
                .hasMessageContaining(law);
    }

    @Test
    void acceptsAnAggregatorThatKeepsTheLaws() {
        assertThatCode(() -> check(new Largest())).doesNotThrowAnyException();
    }

    @Test
    void findsAValueThatDependsOnTheCut() {
        refuses(
                new Largest() {
                    @Override
                    public long[] mergeAccumulators(long[] into, long[] from) {
                        return into;
                    }
                },
                "the value depends on how the records are divided and merged");
    }

    @Test
    void findsAMergeThatChangesItsSecondArgument() {
        refuses(
                new Largest() {
                    @Override
                    public long[] mergeAccumulators(long[] into, long[] from) {
                        from[0] = Math.max(into[0], from[0]);
                        return from;
                    }
                },
                "has changed its second argument");
    }

    @Test
    void findsADecodeThatLosesSomething() {
        refuses(
                new Largest() {
                    @Override
                    public long[] decode(byte[] bytes) {
                        return createAccumulator();
                    }
                },
                "decode(encode(accumulator)) has another value");
    }

    @Test
    void findsTooManyBytes() {
        refuses(
                new Largest() {
                    @Override
                    public int maxBytes() {
                        return 7;
                    }
                },
                "encode returned 8 bytes, and maxBytes is 7");
    }

    @Test
    void findsBytesThatAreNotCanonical() {
        refuses(
                new Largest() {
                    @Override
                    public long[] createAccumulator() {
                        return new long[] {Long.MIN_VALUE, 0};
                    }

                    @Override
                    public long[] mergeAccumulators(long[] into, long[] from) {
                        return new long[] {Math.max(into[0], from[0]), 1};
                    }

                    @Override
                    public byte[] encode(long[] accumulator) {
                        return new byte[] {(byte) accumulator[accumulator.length - 1]};
                    }

                    @Override
                    public long[] decode(byte[] bytes) {
                        return new long[] {0, bytes[0]};
                    }

                    @Override
                    public Object extractOutput(long[] accumulator) {
                        return "the same";
                    }
                },
                "isCanonical is true");
    }

    @Test
    void findsAnOutputThatChangesTheAccumulator() {
        refuses(
                new Largest() {
                    @Override
                    public Object extractOutput(long[] accumulator) {
                        return accumulator[0]++;
                    }
                },
                "");
    }

    @Test
    void findsAValueThatARowCannotHave() {
        refuses(
                new Largest() {
                    @Override
                    public Object extractOutput(long[] accumulator) {
                        return List.of(Map.of("at", new StringBuilder("x")));
                    }
                },
                "a value that a row cannot have");
    }

    @Test
    void roundingIsToleratedAsFarAsTheTestSays() {
        AggregatorProvider sum = new Sum();
        assertThatThrownBy(() -> AggregatorLaws.check(sum, Map.of(), random -> List.of(random.nextDouble())))
                .hasMessageContaining("the value depends on how");
        assertThatCode(() -> AggregatorLaws.check(sum, Map.of(), random -> List.of(random.nextDouble()), 1e-12))
                .doesNotThrowAnyException();
    }

    /** A plain sum of doubles, which depends on the order by rounding. */
    static final class Sum implements AggregatorProvider, Aggregator<Double> {
        @Override
        public String name() {
            return "test.sum";
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Aggregator<?> create(Options options) {
            return this;
        }

        @Override
        public List<ArgumentType> arguments() {
            return List.of(ArgumentType.NUMBER);
        }

        @Override
        public Double createAccumulator() {
            return 0.0;
        }

        @Override
        public Double addInput(Double accumulator, Arguments input) {
            return accumulator + input.number(0);
        }

        @Override
        public Double mergeAccumulators(Double into, Double from) {
            return into + from;
        }

        @Override
        public Object extractOutput(Double accumulator) {
            return accumulator;
        }

        @Override
        public byte[] encode(Double accumulator) {
            return ByteBuffer.allocate(Double.BYTES).putDouble(accumulator).array();
        }

        @Override
        public Double decode(byte[] bytes) {
            return ByteBuffer.wrap(bytes).getDouble();
        }

        @Override
        public int maxBytes() {
            return Double.BYTES;
        }
    }

    @Test
    void optionsHaveTypesLimitsAndNames() {
        Options options = new Options(Map.of("precision", 12, "name", "x", "typo", true));

        assertThatThrownBy(() -> options.whole("precision", 0, 7, 5))
                .hasMessage("precision must be from 0 to 7, but is 12");
        assertThatThrownBy(() -> options.flag("name", false)).hasMessage("name must be true or false, but is x");
        assertThatThrownBy(options::requireAllKnown)
                .hasMessage("typo is no option of this aggregate; its options are name, precision");
    }
}
