package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.GroupValue.GroupType;
import io.tidemark.testkit.Golden;
import io.tidemark.testkit.JobJson;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Chunks of version 1, as they are in the state topics of jobs that began under version 0.1. */
class GoldenChunkTest {
    private static final long WINDOW = 1_166_832_000_000L;

    private record Cell(List<GroupValue> group, long count, List<Double> totals) {}

    private enum Case {
        /** All functions, all types of groups, extreme numbers; in chunks of at most 100 bytes. */
        GROUPS(
                "{ groupBy: ['room', 'ok'], aggregate: { n: 'count', s: { sum: 'v' }, a: { mean: 'v' },"
                        + " lo: { min: 'v' }, hi: { max: 'w' } } }",
                100,
                List.of(
                        new Cell(List.of(string(""), number("0")), 1, List.of(-0.0, 0.0, -0.0, -0.0)),
                        new Cell(
                                List.of(string("kitchen"), bool("true")),
                                3,
                                List.of(719.8199999999999, 2.842170943040401E-14, -1.5, 240.1)),
                        new Cell(
                                List.of(string("kitchen"), bool("false")),
                                127,
                                List.of(-1e300, 4.9E-324, -1.7976931348623157E308, 1.7976931348623157E308)),
                        new Cell(
                                List.of(number("7"), string("7")),
                                128,
                                List.of(
                                        Double.POSITIVE_INFINITY,
                                        Double.NaN,
                                        Double.NEGATIVE_INFINITY,
                                        Double.POSITIVE_INFINITY)),
                        new Cell(
                                List.of(number("-1.5e-400"), string("true")),
                                Long.MAX_VALUE,
                                List.of(0.1, -0.30000000000000004, 1e-7, 9007199254740993.0)),
                        new Cell(
                                List.of(string("é𝄞 \"a\",\n"), number("123456789012345678901")),
                                16_384,
                                List.of(1.0, 2.0, 3.0, 4.0)),
                        new Cell(List.of(string("x".repeat(130)), bool("true")), 2, List.of(5.0, 6.0, 7.0, 8.0)))),
        /** A cell without a group and without doubles. */
        COUNT_ONLY("{ aggregate: { n: 'count' } }", 100, List.of(new Cell(List.of(), 300, List.of()))),
        /** Many cells in many chunks. */
        MANY(
                "{ groupBy: ['id'], aggregate: { hi: { max: 'v' } } }",
                128,
                IntStream.range(0, 50)
                        .mapToObj(i -> new Cell(List.of(number("" + i)), i + 1, List.of(i / 4.0)))
                        .toList());

        private final CellLayout layout;
        private final int maxBytes;
        private final List<Cell> cells;

        Case(String job, int maxBytes, List<Cell> cells) {
            this.layout = CellLayout.of(JobJson.job(job));
            this.maxBytes = maxBytes;
            this.cells = cells;
        }

        String file() {
            return "chunk-v1-" + name().toLowerCase(Locale.ROOT).replace('_', '-') + ".hex";
        }
    }

    @ParameterizedTest
    @EnumSource(Case.class)
    void storedCellsAreRead(Case each) throws Exception {
        CellTable table = new CellTable(each.layout, 1_000);
        for (byte[] chunk : Golden.hex(each.file())) {
            new ChunkCodec(each.layout).decode(chunk, WINDOW, table);
        }

        List<Cell> read = new ArrayList<>();
        for (int slot = 0; slot < table.size(); slot++) {
            List<Double> totals = new ArrayList<>();
            for (int i = 0; i < each.layout.doubles(); i++) {
                totals.add(table.value(slot, i));
            }
            assertThat(table.window(slot)).isEqualTo(WINDOW);
            read.add(new Cell(GroupKey.values(table.key(slot)), table.count(slot), totals));
        }
        assertThat(read).isEqualTo(each.cells);
    }

    @ParameterizedTest
    @EnumSource(Case.class)
    void theSameBytesAreWritten(Case each) throws Exception {
        CellTable table = new CellTable(each.layout, 1_000);
        for (Cell cell : each.cells) {
            byte[] key = GroupKey.of(cell.group());
            double[] totals =
                    cell.totals().stream().mapToDouble(Double::doubleValue).toArray();
            table.addPartial(table.findOrAdd(WINDOW, key, 0, key.length), cell.count(), totals, 0);
        }
        int[] slots = IntStream.range(0, table.size()).toArray();

        List<byte[]> chunks = new ChunkCodec(each.layout).encode(table, slots, each.maxBytes, length -> {});

        String hex = chunks.stream()
                .map(chunk -> HexFormat.of().formatHex(chunk) + "\n")
                .collect(Collectors.joining());
        assertThat(hex).isEqualTo(Golden.text(each.file()));
    }

    private static GroupValue string(String text) {
        return new GroupValue(GroupType.STRING, text);
    }

    private static GroupValue number(String text) {
        return new GroupValue(GroupType.NUMBER, text);
    }

    private static GroupValue bool(String text) {
        return new GroupValue(GroupType.BOOLEAN, text);
    }
}
