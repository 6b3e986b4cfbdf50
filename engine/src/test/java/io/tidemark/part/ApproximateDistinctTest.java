package io.tidemark.part;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApproximateDistinctTest {
    /**
     * The state and the maximum-likelihood estimate of another program for the same hashes: {@code UltraLogLog} of
     * {@code com.dynatrace.hash4j:hash4j:0.31.0}, whose author also wrote the paper. Its estimate is solved to 0.0008 standard
     * errors.
     */
    @ParameterizedTest
    @CsvSource({
        "8, 40, aee9b3fb, 41.465",
        "8, 200, e55ccb22, 203.813",
        "8, 3000, 277f8254, 3065.075",
        "8, 100000, b707c3e6, 99331.698",
        "8, 3000000, 184cb5ee, 3016508.061",
        "10, 200, 63ab7c97, 196.856",
        "10, 3000, 00f39405, 3051.995",
        "10, 100000, 1f65aaee, 95777.008",
        "12, 600, e21e7756, 592.752",
        "12, 3000, 247fceb2, 3006.638",
        "12, 10000, 2d38a91d, 9888.453",
        "12, 100000, 028f803e, 96949.054",
        "12, 3000000, 9bec43ac, 2866855.381",
        "14, 3000, 359e5147, 2999.084",
        "14, 100000, af1bd412, 99680.125",
        "16, 10000, 597c232b, 9975.729",
        "16, 100000, 959b13cb, 99933.157"
    })
    void registersAndEstimateAreThoseOfHash4j(int precision, int count, String checksum, double estimate) {
        ApproximateDistinct part = ApproximateDistinct.kind(precision).create();
        for (int i = 0; i < count; i++) {
            part.addHash(mix(i));
        }

        CRC32C crc = new CRC32C();
        crc.update(part.registers());
        assertThat(String.format(Locale.ROOT, "%08x", crc.getValue())).isEqualTo(checksum);
        double solved = 0.001 * 0.761 / Math.sqrt(1 << precision);
        assertThat((double) part.estimate()).isCloseTo(estimate, within(0.5 + estimate * solved));
    }

    /** The root mean square of the error over many sets is what the paper says. */
    @ParameterizedTest
    @CsvSource({"8, 100", "8, 5000", "10, 2000", "10, 20000"})
    void theErrorIsAsStated(int precision, int count) {
        int sets = 300;
        double squares = 0;
        for (int set = 0; set < sets; set++) {
            ApproximateDistinct part = ApproximateDistinct.kind(precision).create();
            for (int i = 0; i < count; i++) {
                byte[] text = {
                    's', 8, (byte) set, (byte) (set >> 8), (byte) i, (byte) (i >> 8), (byte) (i >> 16), 0, 0, 0
                };
                part.add(text, 0, text.length);
            }
            double error = part.estimate() / (double) count - 1;
            squares += error * error;
        }

        assertThat(Math.sqrt(squares / sets)).isLessThan(1.15 * 0.761 / Math.sqrt(1 << precision));
    }

    @Test
    void tokensBecomeRegistersByTheNumberOfDifferentOnes() {
        ApproximateDistinct part = ApproximateDistinct.kind(12).create();
        for (int i = 0; i < 3 * 512; i++) {
            part.addHash(mix(i % 512));
        }
        assertThat(part.estimate()).isEqualTo(512);
        assertThat(part.registers()).isEmpty();

        part.addHash(mix(512));
        assertThat(part.registers()).hasSize(4096);
        assertThat((double) part.estimate()).isCloseTo(513, within(30.0));
    }

    /** All that a register takes from a hash is in its token. */
    @Property(tries = 2_000)
    void aTokenChangesRegistersAsItsHashDoes(@ForAll long seed, @ForAll long bits) {
        // Half of the hashes have long rows of zeros behind their first bits.
        long hash = (seed & 1) == 0 ? bits : bits & (-1L << 20 | -1L >>> (bits & 63));
        for (int precision : new int[] {8, 11}) {
            ApproximateDistinct direct = full(precision);
            ApproximateDistinct byToken = full(precision);
            ApproximateDistinct tokens = ApproximateDistinct.kind(precision).create();
            direct.addHash(hash);
            tokens.addHash(hash);
            byToken.merge(tokens);

            assertThat(byToken.registers()).isEqualTo(direct.registers());
        }
    }

    /** Registers that have seen only hashes of the register 0 and the like, so that any other changes them. */
    private static ApproximateDistinct full(int precision) {
        ApproximateDistinct part = ApproximateDistinct.kind(precision).create();
        for (int i = 0; i <= 1 << (precision - 3); i++) {
            part.addHash((long) i << 38 | 1);
        }
        assertThat(part.registers()).isNotEmpty();
        return part;
    }

    /** Every set of bits that updates can make, and no other register. */
    @ParameterizedTest
    @ValueSource(ints = {8, 12, 16})
    void registersThatNoUpdatesMakeAreImpossible(int precision) {
        Set<Byte> made = new TreeSet<>(Set.of((byte) 0));
        for (int top = precision - 1; top < Long.SIZE; top++) {
            byte one = UltraRegister.add((byte) 0, top);
            for (int below = 0; below < 4; below++) {
                byte register = one;
                for (int bit = 1; bit <= 2; bit++) {
                    if ((below & bit) != 0 && top - bit >= precision - 1) {
                        register = UltraRegister.add(register, top - bit);
                    }
                }
                made.add(register);
            }
        }

        for (int register = Byte.MIN_VALUE; register <= Byte.MAX_VALUE; register++) {
            assertThat(UltraRegister.isPossible((byte) register, precision))
                    .as("%d", register)
                    .isEqualTo(made.contains((byte) register));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 17})
    void thePrecisionIsBounded(int precision) {
        assertThatThrownBy(() -> ApproximateDistinct.kind(precision)).hasMessage("the precision is 8 to 16");
    }

    @Test
    void registersThatHaveSeenAllGiveAnAnswer() {
        byte[] registers = new byte[256];
        Arrays.fill(registers, (byte) 0xFF);

        assertThat(UltraEstimate.of(registers, 8)).isGreaterThan(Long.MAX_VALUE / 256);
        assertThat(UltraEstimate.of(new byte[256], 8)).isZero();
    }

    /** The finalizer of SplitMix64. */
    private static long mix(long i) {
        long z = (i + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
