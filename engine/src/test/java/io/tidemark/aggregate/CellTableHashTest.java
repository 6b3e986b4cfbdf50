package io.tidemark.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.part.SipHash;
import io.tidemark.testkit.JobJson;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CellTableHashTest {
    private static final CellLayout LAYOUT = CellLayout.of(JobJson.job(""));

    /** Version 0.1 had a hash without a key, under which these groups are one: a lookup read all of them. */
    @Test
    void groupsThatCollideUnderAHashWithoutAKeyAreSpread() throws Exception {
        CellTable table = new CellTable(LAYOUT, 1_000_000);
        int groups = 100_000;
        for (int i = 0; i < groups; i++) {
            byte[] group = colliding(i);
            assertThat(withoutKey(group)).isEqualTo(withoutKey(colliding(0)));
            table.findOrAdd(0, group, 0, group.length);
        }

        assertThat(table.size()).isEqualTo(groups);
        assertThat(table.longestProbe()).isLessThan(200);
    }

    private static byte[] colliding(long i) {
        return ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(i)
                .putLong(mix(mix(16) ^ i))
                .array();
    }

    /** The hash of version 0.1 for a group of two words in the window 0. */
    private static int withoutKey(byte[] group) {
        ByteBuffer words = ByteBuffer.wrap(group).order(ByteOrder.LITTLE_ENDIAN);
        return (int) mix(mix(mix(mix(16) ^ words.getLong()) ^ words.getLong()));
    }

    private static long mix(long value) {
        long x = value;
        x = (x ^ (x >>> 33)) * 0xff51afd7ed558ccdL;
        x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return x ^ (x >>> 33);
    }

    @Property(tries = 100)
    void theCellsAreTheSameWhateverTheKey(@ForAll long seed, @ForAll long key) throws Exception {
        List<String> first = cells(seed, new SipHash(key, ~key));
        List<String> second = cells(seed, new SipHash(~key, key));

        assertThat(first).isEqualTo(second);
    }

    private static List<String> cells(long seed, SipHash hash) throws Exception {
        Random random = new Random(seed);
        CellTable table = new CellTable(LAYOUT, 1_000, Memory.UNBOUNDED, hash);
        for (int i = 0; i < 2_000; i++) {
            byte[] group = new byte[random.nextInt(3)];
            random.nextBytes(group);
            if (group.length == 2) {
                group[0] &= 1;
                group[1] &= 0x1F;
            }
            table.add(table.findOrAdd(random.nextInt(3), group, 0, group.length), new double[] {random.nextDouble()});
        }
        List<String> cells = new ArrayList<>();
        for (int slot : table.sortedSlots()) {
            cells.add(table.window(slot) + " " + Arrays.toString(table.key(slot)) + " " + table.count(slot) + " "
                    + table.value(slot, 0) + " " + slot);
        }
        return cells;
    }
}
