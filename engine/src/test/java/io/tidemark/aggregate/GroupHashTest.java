package io.tidemark.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupHashTest {
    private static final CellLayout LAYOUT = CellLayout.of(JobJson.job(""));

    /** Of the bytes 0, 1, 2 and so on, with the key 0, by the reference implementation of SipHash-1-3. */
    @ParameterizedTest
    @CsvSource({
        "8, ead411e67ebe2eea",
        "9, 75927f9d95124362",
        "15, f30eb725bb91c9ea",
        "16, 8972188433a5c5b7",
        "17, 4883c49a2c009c1d",
        "24, 31185a47af932f3a",
        "31, 169739443111d49b",
        "35, 3c393cf6f0853bc3"
    })
    void isSipHash(int bytes, String expected) {
        byte[] message = new byte[bytes + 3];
        for (int i = 0; i < message.length; i++) {
            message[i] = (byte) i;
        }
        long window = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).getLong();

        assertThat(Long.toHexString(new GroupHash(0, 0).of(window, message, 8, bytes - 8)))
                .isEqualTo(expected);
    }

    @Test
    void eachProcessHasAnotherKey() {
        assertThat(GroupHash.OF_PROCESS.of(0, new byte[0], 0, 0))
                .isNotEqualTo(new GroupHash(0, 0).of(0, new byte[0], 0, 0));
    }

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
        List<String> first = cells(seed, new GroupHash(key, ~key));
        List<String> second = cells(seed, new GroupHash(~key, key));

        assertThat(first).isEqualTo(second);
    }

    private static List<String> cells(long seed, GroupHash hash) throws Exception {
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
