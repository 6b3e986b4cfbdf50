package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.GroupValue.GroupType;
import io.tidemark.state.ChunkRef.Page;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WindowPagesTest {
    private static final CellLayout LAYOUT =
            CellLayout.of(JobJson.job("{ groupBy: ['id'], aggregate: { n: 'count' } }"));
    private static final ChunkCodec CODEC = new ChunkCodec(LAYOUT);

    private static byte[] group(String text) {
        return GroupKey.of(List.of(new GroupValue(GroupType.STRING, text)));
    }

    private static CellTable table(int cells, IntFunction<String> group) throws Exception {
        CellTable table = new CellTable(LAYOUT, cells + 1);
        for (int i = 0; i < cells; i++) {
            byte[] key = group(group.apply(i));
            table.add(table.findOrAdd(0, key, 0, key.length), new double[0]);
        }
        return table;
    }

    private static List<WindowPages.Draft> write(List<ChunkRef> stored, CellTable table) {
        List<Long> reserved = new ArrayList<>();
        List<WindowPages.Draft> drafts =
                new WindowPages(stored).rewrite(CODEC, table, table.sortedSlots(), reserved::add);
        assertThat(reserved)
                .containsExactlyElementsOf(
                        drafts.stream().map(each -> (long) each.bytes().length).toList());
        assertThat(drafts)
                .extracting(each -> each.page().bytes())
                .containsExactlyElementsOf(
                        drafts.stream().map(each -> each.bytes().length).toList());
        assertThat(drafts.stream().mapToInt(each -> each.page().cells()).sum()).isEqualTo(table.size());
        return drafts;
    }

    private static ChunkRef stored(int number, String first) {
        return new ChunkRef(0, number, 10 + number, 0, new Page(first.getBytes(StandardCharsets.UTF_8), 1, 1));
    }

    @Test
    void aSmallWindowIsOnePageForAllGroups() throws Exception {
        assertThat(write(List.of(), table(3, i -> "a" + i))).singleElement().satisfies(page -> {
            assertThat(page.number()).isZero();
            assertThat(page.page().first()).isEmpty();
        });
        assertThat(write(List.of(), table(0, i -> "a"))).isEmpty();
    }

    @Test
    void aLongWindowIsDividedIntoPagesThatAreHalfFull() throws Exception {
        List<WindowPages.Draft> pages = write(List.of(), table(10_000, i -> "vendor-" + (10_000 + i)));

        assertThat(pages)
                .hasSizeBetween(5, 12)
                .extracting(WindowPages.Draft::number)
                .containsExactlyElementsOf(
                        IntStream.range(0, pages.size()).boxed().toList());
        assertThat(pages).allSatisfy(page -> assertThat(page.bytes().length).isBetween(24 * 1024, 43 * 1024));
        assertThat(pages.get(0).page().first()).isEmpty();
        assertThat(pages.subList(1, pages.size()))
                .as("the shortest prefix that divides vendor-10999 from vendor-11000")
                .allSatisfy(page -> assertThat(page.page().first().length).isLessThanOrEqualTo(14));
    }

    /** So that a page is never longer than a batch may rewrite, unless one cell is. */
    @Test
    void cellsOfAnyLengthDivide() throws Exception {
        List<WindowPages.Draft> pages =
                write(List.of(), table(40, i -> "g" + (10 + i) + "x".repeat(i % 7 == 3 ? 70_000 : i * 900)));
        assertThat(pages).allSatisfy(page -> {
            if (page.page().cells() > 1) {
                assertThat(page.bytes().length).isLessThanOrEqualTo(WindowPages.MAX_BYTES);
            }
        });
    }

    @Test
    void aGroupIsInTheLastPageThatDoesNotBeginAfterIt() {
        // Not in the order of their numbers, as after splits.
        WindowPages pages = new WindowPages(List.of(stored(2, "m"), stored(0, ""), stored(1, "ma")));
        assertThat(pages.of(bytes("a")).number()).isZero();
        assertThat(pages.of(bytes("m")).number()).isEqualTo(2);
        assertThat(pages.of(bytes("lzz")).number()).isZero();
        assertThat(pages.of(bytes("m\0")).number()).isEqualTo(2);
        assertThat(pages.of(bytes("ma")).number()).isEqualTo(1);
        assertThat(pages.of(new byte[] {(byte) 0xFF}).number()).isEqualTo(1);
    }

    @Test
    void aPageThatGrowsIsSplitAndTheOthersKeepTheirNumbers() throws Exception {
        // Keys of strings begin with an s and their length.
        List<ChunkRef> stored = List.of(stored(0, ""), stored(3, "s\5m"), stored(1, "s\5t"));
        CellTable touched = table(3_000, i -> "m" + (1_000 + i));
        byte[] last = group("tttt1");
        touched.add(touched.findOrAdd(0, last, 0, last.length), new double[0]);

        List<WindowPages.Draft> pages = write(stored, touched);

        assertThat(pages).extracting(WindowPages.Draft::number).containsExactly(3, 1);
        CellTable more = table(9_000, i -> "m" + (1_000 + i));
        assertThat(write(stored, more)).extracting(WindowPages.Draft::number).containsExactly(3, 4);
    }

    /** It is read whole and becomes pages. */
    @Test
    void chunksWithoutPagesAreReplaced() throws Exception {
        List<ChunkRef> stored = List.of(stored(7, ""), new ChunkRef(0, 8, 1, 1));
        assertThat(new WindowPages(stored).isEmpty()).isTrue();
        assertThat(write(stored, table(2, i -> "a" + i))).singleElement().satisfies(page -> {
            assertThat(page.number()).isZero();
            assertThat(page.page().first()).isEmpty();
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Whatever the groups have in common with their neighbours. */
    @Test
    void afterASplitEachGroupIsInThePageThatSaysSo() throws Exception {
        CellTable table = table(12_000, i -> (i % 3 == 0 ? "" : "a".repeat(i % 40)) + i);
        List<WindowPages.Draft> pages = write(List.of(), table);
        assertThat(pages).hasSizeGreaterThan(2);
        List<ChunkRef> stored = new ArrayList<>();
        for (WindowPages.Draft each : pages) {
            stored.add(new ChunkRef(0, each.number(), 10 + each.number(), 0, each.page()));
        }
        WindowPages written = new WindowPages(stored);
        assertThat(written.isEmpty()).isFalse();

        for (WindowPages.Draft each : pages) {
            CellTable page = new CellTable(LAYOUT, 12_000);
            CODEC.decode(each.bytes(), 0, page);
            for (int slot = 0; slot < page.size(); slot++) {
                assertThat(written.of(page.key(slot)).number()).isEqualTo(each.number());
            }
        }
    }

    /** A group that is the first one of the next page belongs there, also where both pages are written at once. */
    @Test
    void aGroupIsWrittenIntoThePageThatBeginsWithIt() throws Exception {
        List<ChunkRef> stored = List.of(stored(0, ""), stored(3, "s\1m"));

        assertThat(write(stored, table(3, i -> new String[] {"l", "m", "n"}[i])))
                .extracting(WindowPages.Draft::number, each -> each.page().cells())
                .containsExactly(tuple(0, 1), tuple(3, 2));
    }

    @Test
    void aPageIsDividedOnlyIfItIsLongerThanItMayBe() throws Exception {
        CellTable some = twoCells(25_000);
        int longest = 25_000 + WindowPages.MAX_BYTES - CODEC.maxHeader() - (int) CODEC.bytes(some, some.sortedSlots());

        assertThat(write(List.of(), twoCells(longest))).hasSize(1);
        assertThat(write(List.of(), twoCells(longest + 1))).hasSize(2);
    }

    private static CellTable twoCells(int length) throws Exception {
        return table(2, i -> i == 0 ? "a".repeat(25_000) : "b".repeat(length));
    }
}
