package io.tidemark.part;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartsTest {

    @Test
    void aFullSetTakesWhatItHasAndRefusesMore() throws Exception {
        ExactDistinct set = ExactDistinct.kind(2, 10).create();
        add(set, "a");
        add(set, "b");
        add(set, "a");

        assertThatThrownBy(() -> add(set, "c"))
                .isInstanceOf(TooManyValuesException.class)
                .hasMessage("more than 2 different values in one cell; raise the limit of this distinct, or count them"
                        + " with method: approximate");
        assertThat(set.size()).isEqualTo(2);
        ExactDistinct same = ExactDistinct.kind(2, 10).create();
        add(same, "b");
        assertThatCode(() -> set.merge(same)).doesNotThrowAnyException();
        ExactDistinct other = ExactDistinct.kind(2, 10).create();
        add(other, "c");
        assertThatThrownBy(() -> set.merge(other)).isInstanceOf(TooManyValuesException.class);
    }

    /** The limit of a job may change; a set that has more already takes no more, and can be read. */
    @Test
    void aStoredSetOfMoreThanTheLimitIsRead() throws Exception {
        ExactDistinct set = ExactDistinct.kind(2, 10).create();
        add(set, "abcdefghij");
        add(set, "b");

        ExactDistinct read = ExactDistinct.kind(1, 9).read(ByteBuffer.wrap(written(set)));

        assertThat(read.size()).isEqualTo(2);
        assertThatCode(() -> add(read, "b")).doesNotThrowAnyException();
        assertThatThrownBy(() -> add(read, "c")).isInstanceOf(TooManyValuesException.class);
    }

    /** The same value twice, and two values in the other order: neither is what a set writes. */
    @ParameterizedTest
    @ValueSource(strings = {"\u0002\u0001a\u0001a", "\u0002\u0001b\u0001a"})
    void valuesOfAStoredSetRise(String written) {
        byte[] bytes = written.getBytes(StandardCharsets.US_ASCII);

        assertThatThrownBy(() -> ExactDistinct.kind(2, 10).read(ByteBuffer.wrap(bytes)))
                .hasMessageContaining("not in their order");
    }

    private static void add(ExactDistinct set, String value) throws TooManyValuesException {
        byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
        set.add(bytes, 0, bytes.length);
    }

    @Property(tries = 5_000)
    void aDoubleAsLongHasTheOrderOfDoubles(@ForAll double a, @ForAll double b) {
        assertThat(Ranked.fromOrdered(Ranked.ordered(a))).isEqualTo(a);
        assertThat(Integer.signum(Long.compare(Ranked.ordered(a), Ranked.ordered(b))))
                .isEqualTo(Integer.signum(Double.compare(a, b)));
    }

    @Test
    void zerosAndTheGreatestNumbersAreInTheirOrder() {
        List<Double> rising = List.of(-Double.MAX_VALUE, -1.0, -Double.MIN_VALUE, -0.0, 0.0, 5.0, Double.MAX_VALUE);

        assertThat(rising.stream().map(Ranked::ordered)).isSorted();
        assertThat(rising.stream().map(Ranked::ordered).map(Ranked::fromOrdered))
                .isEqualTo(rising);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofEqualNumbersThatOfTheEarlierRecordIsKept(boolean largest) {
        PartKind<Ranked> kind = Ranked.kind(largest, 1);
        Ranked earliest = kind.create();
        earliest.add(5, -1_000, 0, 9);
        Ranked all = kind.create();
        all.add(5, -1_000, 1, 3);
        all.add(5, 0, 0, 0);
        all.add(5, -1_000, 0, 9);
        all.add(5, -1_000, 0, 10);

        assertThat(written(all)).isEqualTo(written(earliest));
    }

    private static byte[] written(Part part) {
        byte[] bytes = new byte[part.encodedBytes()];
        part.write(bytes, 0);
        return bytes;
    }

    /** A value that is more frequent than n / (capacity + 1) is there, however many others come between. */
    @Test
    void theMostFrequentValueIsFoundAmongMillions() {
        Frequent part = Frequent.kind(10, 20).create();
        Random random = new Random(1);
        byte[] often = "often".getBytes(StandardCharsets.US_ASCII);
        int times = 0;
        for (int i = 0; i < 100_000; i++) {
            if (random.nextInt(5) == 0) {
                part.add(often, 0, often.length);
                times++;
            } else {
                byte[] other = Long.toString(random.nextLong(), 36).getBytes(StandardCharsets.US_ASCII);
                part.add(other, 0, other.length);
            }
        }

        int first = part.top(1).get(0);
        assertThat(part.value(first)).isEqualTo(often);
        assertThat((long) times).isBetween(part.atLeast(first), part.atMost(first));
        assertThat(part.error()).isLessThanOrEqualTo(100_000 / 11);
    }

    @Test
    void valuesOfEqualCountsAreInTheOrderOfTheirBytes() {
        Frequent part = Frequent.kind(10, 20).create();
        for (String each : List.of("c", "a", "b", "b", "\u00ff", "a")) {
            part.add(each.getBytes(StandardCharsets.ISO_8859_1), 0, 1);
        }

        assertThat(part.top(3).stream().map(slot -> new String(part.value(slot), StandardCharsets.ISO_8859_1)))
                .containsExactly("a", "b", "c");
        assertThat(part.top(10)).hasSize(4);
        assertThat(part.error()).isZero();
    }

    @Test
    void parametersAreBounded() {
        assertThatThrownBy(() -> ExactDistinct.kind(0, 10)).hasMessageContaining("not 0");
        assertThatThrownBy(() -> Ranked.kind(true, 0)).hasMessageContaining("not 0");
        assertThatThrownBy(() -> Frequent.kind(0, 10)).hasMessageContaining("not 0");
    }

    /** Stored bytes with one signature are never read as those of another. */
    @Test
    void kindsHaveDifferentSignatures() {
        assertThat(Subjects.parts().stream().map(each -> each.kind.signature())).doesNotHaveDuplicates();
        assertThat(Quantiles.kind(6).signature()).isEqualTo("histogram.1(6)");
        assertThat(ApproximateDistinct.kind(12).signature()).isEqualTo("ull.1(12)");
    }

    /** Full sets of the longest values. */
    @Property(tries = 50)
    void noSetExceedsItsMostBytes(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        int limit = 1 + random.nextInt(200);
        int longest = 4 + random.nextInt(100);
        PartKind<ExactDistinct> sets = ExactDistinct.kind(limit, longest);
        PartKind<Frequent> counters = Frequent.kind(limit, longest);
        ExactDistinct set = sets.create();
        Frequent counter = counters.create();
        byte[] value = new byte[longest];
        for (int i = 0; i < 2 * limit; i++) {
            Arrays.fill(value, (byte) i);
            value[0] = (byte) (i >> 8);
            counter.add(value, 0, longest);
            if (i < limit) {
                set.add(value, 0, longest);
            }
        }

        assertThat((long) Math.max(set.bytes(), set.encodedBytes())).isLessThanOrEqualTo(sets.maxBytes());
        assertThat((long) Math.max(counter.bytes(), counter.encodedBytes())).isLessThanOrEqualTo(counters.maxBytes());
    }
}
