package io.tidemark.csv;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.GroupValue.GroupType;
import io.tidemark.job.JobSpec;
import io.tidemark.testkit.Golden;
import io.tidemark.testkit.JobJson;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.csv.CSVPrinter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Staged files as version 0.1 wrote them: a worker that is updated in the middle of a run reads its predecessor's. */
class GoldenCsvTest {
    private static final String ALL_FUNCTIONS =
            "n: 'count', s: { sum: 'v' }, a: { mean: 'v' }, lo: { min: 'v' }, hi: { max: 'w' }";

    private record Cell(int partition, long window, List<GroupValue> group, long count, List<Double> totals) {}

    private enum Case {
        /** Weeks of a zone, all functions, all types of groups, extreme numbers, two partitions. */
        WEEK(
                "{ window: { every: 'week', zone: 'Europe/Berlin' }, groupBy: ['room', 'ok'], aggregate: { "
                        + ALL_FUNCTIONS + " } }",
                List.of(
                        new Cell(
                                0,
                                -62_135_510_400_000L,
                                List.of(bool("true"), bool("false")),
                                1,
                                List.of(-0.0, 0.0, -0.0, 0.0)),
                        new Cell(
                                0,
                                1_166_396_400_000L,
                                List.of(number("-1.5e-400"), number("12.5")),
                                Long.MAX_VALUE,
                                List.of(1.7976931348623157E308, 4.9E-324, -1.7976931348623157E308, 1e-7)),
                        new Cell(
                                0,
                                1_166_396_400_000L,
                                List.of(string(""), string("true")),
                                12,
                                List.of(719.8199999999999, 2.842170943040401E-14, -1.5, 240.1)),
                        new Cell(
                                0,
                                1_166_396_400_000L,
                                List.of(string("7"), string("a \"b\",\nc")),
                                13,
                                List.of(1e21, 1.234567890123456E7, 0.1, 100.0)),
                        new Cell(
                                7,
                                1_166_396_400_000L,
                                List.of(string("\"7\""), string(" é𝄞#")),
                                14,
                                List.of(
                                        Double.POSITIVE_INFINITY,
                                        Double.NaN,
                                        Double.NEGATIVE_INFINITY,
                                        Double.POSITIVE_INFINITY)))),
        /** Both hours that the clock repeats in autumn. */
        HOUR(
                "{ window: { every: 'hour', zone: 'Europe/Berlin' }, aggregate: { n: 'count', hi: { max: 'v' } } }",
                List.of(
                        new Cell(3, 1_193_529_600_000L, List.of(), 2, List.of(1.0)),
                        new Cell(3, 1_193_533_200_000L, List.of(), 3, List.of(-2.5)))),
        /** No window and no group. */
        NONE("{ window: 'none', aggregate: { n: 'count' } }", List.of(new Cell(0, 0, List.of(), 838, List.of()))),
        /** No cells at all. */
        EMPTY("{ groupBy: ['room'], aggregate: { n: 'count' } }", List.of());

        private final JobSpec job;
        private final List<Cell> cells;

        Case(String job, List<Cell> cells) {
            this.job = JobJson.job(job);
            this.cells = cells;
        }

        String file() {
            return "cells-" + name().toLowerCase(Locale.ROOT) + ".csv";
        }
    }

    @ParameterizedTest
    @EnumSource(Case.class)
    void stagedCellsAreRead(Case each) throws Exception {
        CellLayout layout = CellLayout.of(each.job);
        SortedMap<Integer, CellTable> tables = new TreeMap<>();

        long rows = new CellCsv(each.job)
                .read(
                        new StringReader(Golden.text(each.file())),
                        partition -> tables.computeIfAbsent(partition, p -> new CellTable(layout, 100)));

        List<Cell> read = new ArrayList<>();
        tables.forEach((partition, table) -> {
            for (int slot = 0; slot < table.size(); slot++) {
                List<Double> totals = new ArrayList<>();
                for (int i = 0; i < layout.doubles(); i++) {
                    totals.add(table.value(slot, i));
                }
                List<GroupValue> group = GroupKey.values(table.key(slot));
                read.add(new Cell(partition, table.window(slot), group, table.count(slot), totals));
            }
        });
        assertThat(read).isEqualTo(each.cells);
        assertThat(rows).isEqualTo(each.cells.size());
    }

    @ParameterizedTest
    @EnumSource(Case.class)
    void theSameCellsAreWritten(Case each) throws Exception {
        SortedMap<Integer, CellTable> tables = new TreeMap<>();
        // The order in which cells were added does not show.
        for (int i = each.cells.size() - 1; i >= 0; i--) {
            Cell cell = each.cells.get(i);
            CellTable table =
                    tables.computeIfAbsent(cell.partition(), p -> new CellTable(CellLayout.of(each.job), 100));
            byte[] key = GroupKey.of(cell.group());
            double[] totals =
                    cell.totals().stream().mapToDouble(Double::doubleValue).toArray();
            table.addPartial(table.findOrAdd(cell.window(), key, 0, key.length), cell.count(), totals, 0);
        }
        StringBuilder out = new StringBuilder();

        long rows = new CellCsv(each.job).write(out, tables);

        assertThat(out.toString()).isEqualTo(Golden.text(each.file()));
        assertThat(rows).isEqualTo(each.cells.size());
    }

    private static List<DeadLetter> deadLetters() {
        byte[] allBytes = new byte[256];
        for (int i = 0; i < allBytes.length; i++) {
            allBytes[i] = (byte) i;
        }
        return List.of(
                new DeadLetter(0, 0, 0, "NOT_JSON", "it ends too early", new byte[0], new byte[0]),
                new DeadLetter(0, 17, -1, "NULL_VALUE", "the record has no value", null, null),
                new DeadLetter(
                        7,
                        Long.MAX_VALUE,
                        253_402_214_399_999L,
                        "WRONG_TYPE",
                        "gerät, \"v\"\nis not a number",
                        "k".getBytes(StandardCharsets.UTF_8),
                        allBytes),
                new DeadLetter(
                        Integer.MAX_VALUE,
                        1,
                        1_166_892_720_000L,
                        "FIELD_MISSING",
                        "- is missing",
                        Base64.getDecoder().decode("null"),
                        new byte[] {-1}));
    }

    @Test
    void stagedDeadLettersAreRead() throws Exception {
        List<DeadLetter> read = new ArrayList<>();

        long rows = DeadLetterCsv.read(new StringReader(Golden.text("dead-letters.csv")), read::add);

        assertThat(read).usingRecursiveComparison().isEqualTo(deadLetters());
        assertThat(rows).isEqualTo(4);
    }

    @Test
    void theSameDeadLettersAreWritten() throws Exception {
        StringBuilder out = new StringBuilder();
        CSVPrinter printer = DeadLetterCsv.printer(out);
        for (DeadLetter each : deadLetters()) {
            DeadLetterCsv.print(printer, each);
        }

        assertThat(out.toString()).isEqualTo(Golden.text("dead-letters.csv"));
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
