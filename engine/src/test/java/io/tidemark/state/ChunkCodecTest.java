package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.GroupValue.GroupType;
import io.tidemark.aggregate.TooManyCellsException;
import io.tidemark.job.JobSpec;
import io.tidemark.testkit.JobJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ChunkCodecTest {
    private static final JobSpec JOB =
            JobJson.job("{ groupBy: ['g'], aggregate: { a: { mean: 'v' }, hi: { max: 'v' } } }");
    private static final CellLayout LAYOUT = CellLayout.of(JOB);
    private static final ChunkCodec CODEC = new ChunkCodec(LAYOUT);

    @Property(tries = 300)
    void cellsComeBackFromChunksThatFit(@ForAll long seed, @ForAll @IntRange(min = 1, max = 2_000) int maxBytes)
            throws Exception {
        CellTable table = table(new Random(seed));
        List<byte[]> chunks = CODEC.encode(table, table.sortedSlots(), maxBytes, length -> {});
        CellTable back = new CellTable(LAYOUT, 1_000);
        for (byte[] each : chunks) {
            CellTable alone = new CellTable(LAYOUT, 1_000);
            CODEC.decode(each, 77, alone);
            CODEC.decode(each, 77, back);
            assertThat(each.length <= maxBytes || alone.size() == 1).isTrue();
        }

        assertThat(back.size()).isEqualTo(table.size());
        for (int slot = 0; slot < table.size(); slot++) {
            int found = back.find(77, table.key(slot), 0, table.key(slot).length);
            assertThat(back.count(found)).isEqualTo(table.count(slot));
            for (int i = 0; i < LAYOUT.doubles(); i++) {
                assertThat(back.value(found, i)).isEqualTo(table.value(slot, i));
            }
        }
    }

    @Test
    void noCellsAreNoChunks() {
        assertThat(CODEC.encode(new CellTable(LAYOUT, 1), new int[0], 100, length -> {}))
                .isEmpty();
    }

    @Test
    void memoryIsReservedBeforeAChunkIsMade() throws Exception {
        CellTable table = table(new Random(1));
        List<Long> reserved = new ArrayList<>();
        List<byte[]> chunks = CODEC.encode(table, table.sortedSlots(), 500, reserved::add);

        assertThat(reserved)
                .hasSizeGreaterThan(3)
                .isEqualTo(chunks.stream().map(each -> (long) each.length).toList());

        // A chunk that gets no memory ends the call.
        List<Long> asked = new ArrayList<>();
        assertThatThrownBy(() -> CODEC.encode(table, table.sortedSlots(), 500, length -> {
                    asked.add(length);
                    if (asked.size() == 3) {
                        throw new IllegalStateException("no more");
                    }
                }))
                .hasMessage("no more");
        assertThat(asked).isEqualTo(reserved.subList(0, 3));
    }

    @Property(tries = 300)
    void aChunkThatIsCutOffOrContinuedIsRefused(@ForAll long seed) throws Exception {
        CellTable table = table(new Random(seed));
        byte[] chunk =
                CODEC.encode(table, table.sortedSlots(), 1 << 20, length -> {}).get(0);

        for (int length = 0; length < chunk.length; length += 1 + length / 20) {
            byte[] cut = Arrays.copyOf(chunk, length);
            assertThatThrownBy(() -> CODEC.decode(cut, 0, new CellTable(LAYOUT, 1_000)))
                    .isInstanceOf(UnreadableChunkException.class);
        }
        assertThatThrownBy(() -> CODEC.decode(Arrays.copyOf(chunk, chunk.length + 1), 0, new CellTable(LAYOUT, 1_000)))
                .isInstanceOf(UnreadableChunkException.class)
                .hasMessage("stored totals are damaged: 1 bytes follow the last cell");
    }

    /** Whatever the bytes, the answer is cells or a word about damage: never another exception, never endless memory. */
    @Property(tries = 2_000)
    void damageNeverDoesWorseThanBeRefused(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        CellTable table = table(random);
        byte[] chunk =
                CODEC.encode(table, table.sortedSlots(), 1 << 20, length -> {}).get(0);
        for (int i = 0; i < 3; i++) {
            chunk[random.nextInt(chunk.length)] = (byte) random.nextInt();
        }
        CellTable into = new CellTable(LAYOUT, 1_000);
        try {
            CODEC.decode(chunk, 0, into);
            assertThat(into.size()).isLessThanOrEqualTo(table.size());
        } catch (UnreadableChunkException e) {
            assertThat(e).hasMessageStartingWith("stored totals ");
        } catch (TooManyCellsException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aNewerVersionIsRefusedWithAWordOnWhatToDo() {
        assertThatThrownBy(() -> CODEC.decode(new byte[] {3, 3, 0}, 0, new CellTable(LAYOUT, 1)))
                .isInstanceOf(UnreadableChunkException.class)
                .hasMessage("stored totals have version 3, this program reads up to 2; run a program at least as new as"
                        + " the one that wrote them");
    }

    /** Accumulators of another job, or of another release, are not read as those of this one. */
    @Test
    void chunksOfOtherAccumulatorsAreRefused() throws Exception {
        CellLayout decimals = CellLayout.of(JobJson.job("{ aggregate: { s: { sum: 'v', decimal: 2 } } }"));
        CellLayout integers = CellLayout.of(JobJson.job("{ aggregate: { s: { sum: 'v', integer: true } } }"));
        CellTable table = new CellTable(decimals, 1);
        table.addPartial(table.findOrAdd(0, new byte[0], 0, 0), 1, new double[0], 0);
        byte[] chunk = new ChunkCodec(decimals)
                .encode(table, new int[] {0}, 100, length -> {})
                .get(0);

        assertThatThrownBy(() -> new ChunkCodec(integers).decode(chunk, 0, new CellTable(integers, 1)))
                .isInstanceOf(UnreadableChunkException.class)
                .hasMessageStartingWith("stored totals hold other accumulators than the job has");
        assertThatThrownBy(() -> CODEC.decode(chunk, 0, new CellTable(LAYOUT, 1)))
                .isInstanceOf(UnreadableChunkException.class)
                .hasMessageStartingWith("stored totals have version 2, but those of this job have 1");
    }

    @Test
    void chunksOfAnotherLayoutAreRefused() {
        assertThatThrownBy(() -> CODEC.decode(new byte[] {1, 2, 0}, 0, new CellTable(LAYOUT, 1)))
                .isInstanceOf(UnreadableChunkException.class)
                .hasMessage("stored totals have 2 numbers in a cell, the job has 3 (count, sum(v), compensation(v),"
                        + " max(v))");
    }

    private static CellTable table(Random random) throws TooManyCellsException {
        CellTable table = new CellTable(LAYOUT, 1_000);
        for (int i = 1 + random.nextInt(60); i > 0; i--) {
            byte[] key = GroupKey.of(List.of(new GroupValue(GroupType.STRING, "x".repeat(random.nextInt(300)))));
            double[] totals = {random.nextGaussian(), random.nextGaussian() * 1e-17, random.nextDouble()};
            int slot = table.findOrAdd(77, key, 0, key.length);
            table.addPartial(slot, 1 + random.nextLong(1L << random.nextInt(1, 60)), totals, 0);
        }
        return table;
    }

    /** The number of cells before a chunk is no part of its length. */
    @Test
    void aLaterChunkHasTheLengthOfItsOwnCells() throws Exception {
        CellTable table = new CellTable(LAYOUT, 1_000);
        for (int i = 0; i < 1_000; i++) {
            byte[] key = GroupKey.of(List.of(new GroupValue(GroupType.NUMBER, Integer.toString(i))));
            table.addPartial(table.findOrAdd(0, key, 0, key.length), 1, new double[] {i, 0, i}, 0);
        }

        List<byte[]> chunks = CODEC.encode(table, table.sortedSlots(), 2_500, length -> {});

        CellTable back = new CellTable(LAYOUT, 1_000);
        for (byte[] each : chunks) {
            CODEC.decode(each, 0, back);
        }
        assertThat(back.size()).isEqualTo(1_000);
        assertThat(chunks).hasSizeGreaterThan(9);
    }

    @Test
    void aLayoutIsComparedWithoutALookAtTheCells() throws Exception {
        CellTable table = table(new Random(1));
        byte[] chunk =
                CODEC.encode(table, table.sortedSlots(), 10_000, length -> {}).get(0);
        CODEC.requireSameLayout(chunk);
        CODEC.requireSameLayout(Arrays.copyOf(chunk, 2));

        CellLayout other = CellLayout.of(JobJson.job("{ aggregate: { a: { mean: 'v' }, b: { mean: 'w' } } }"));
        assertThatThrownBy(() -> new ChunkCodec(other).requireSameLayout(chunk))
                .isInstanceOf(UnreadableChunkException.class)
                .hasMessageContaining("stored totals have 3 numbers in a cell, the job has 4");
    }
}
