package io.tidemark.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.GroupValue.GroupType;
import io.tidemark.job.JobSpec;
import io.tidemark.testkit.Groups;
import io.tidemark.testkit.JobJson;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CellCsvTest {
    private static final JobSpec JOB = JobJson.job(
            "{ groupBy: ['room', 'ok'], aggregate: { n: 'count'," + " mean: { mean: 'v' }, lo: { min: 'v' } } }");
    private static final CellLayout LAYOUT = CellLayout.of(JOB);
    private static final CellCsv CSV = new CellCsv(JOB);

    @Test
    void aPersonCanReadIt() throws Exception {
        CellTable table = table(List.of(
                List.of(new GroupValue(GroupType.STRING, "7"), new GroupValue(GroupType.BOOLEAN, "true")),
                List.of(new GroupValue(GroupType.NUMBER, "7"), new GroupValue(GroupType.STRING, "a \"b\",\nc"))));
        StringBuilder out = new StringBuilder();

        assertThat(CSV.write(out, new TreeMap<>(Map.of(3, table)))).isEqualTo(2);
        assertThat(out).hasToString("""
                        partition,window,windowStart,room,ok,count,sum(v),compensation(v),min(v)
                        3,1970-01-01,0,7,"a ""b"",
                        c",1,1.5,0.0,1.5
                        3,1970-01-01,0,\"""7\""",true,1,0.5,0.0,0.5
                        """);
    }

    @Property
    void whatIsWrittenIsReadBackExactly(
            @ForAll("groups") List<List<GroupValue>> groups,
            @ForAll double value,
            @ForAll @LongRange(min = 1, max = 250_000_000_000_000L) long window)
            throws Exception {
        CellTable table = table(groups);
        byte[] key = GroupKey.of(groups.get(0));
        double[] totals = {value, Double.NaN, Double.NEGATIVE_INFINITY};
        table.addPartial(table.findOrAdd(window, key, 0, key.length), Long.MAX_VALUE, totals, 0);
        assertReadBack(table);
    }

    private static void assertReadBack(CellTable table) throws IOException {
        StringBuilder out = new StringBuilder();
        long written = CSV.write(out, new TreeMap<>(Map.of(0, new CellTable(LAYOUT, 1), 12, table)));
        SortedMap<Integer, CellTable> read = new TreeMap<>();
        long rows = CSV.read(
                new StringReader(out.toString()),
                partition -> read.computeIfAbsent(partition, each -> new CellTable(LAYOUT, 100)));

        assertThat(rows).isEqualTo(written).isEqualTo(table.size());
        assertThat(read.keySet()).containsExactly(12);
        CellTable back = read.getOrDefault(12, new CellTable(LAYOUT, 1));
        for (int slot = 0; slot < table.size(); slot++) {
            byte[] key = table.key(slot);
            int found = back.find(table.window(slot), key, 0, key.length);
            assertThat(found).isNotNegative();
            assertThat(back.count(found)).isEqualTo(table.count(slot));
            for (int i = 0; i < LAYOUT.doubles(); i++) {
                assertThat(back.value(found, i)).isEqualTo(Double.valueOf(table.value(slot, i)));
            }
        }
    }

    @Provide
    Arbitrary<List<List<GroupValue>>> groups() {
        return Groups.values().list().ofSize(2).list().ofMinSize(1).ofMaxSize(10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1,1970-01-01,0,a,true,1,x,0.0,0.5       | line 2, column sum(v): this is not a number",
                "1,1970-01-01,0,a,true,0,1.0,0.0,0.5     | line 2, column count: this is not a whole number from 1 to 9223372036854775807",
                "-1,1970-01-01,0,a,true,1,1.0,0.0,0.5    | line 2, column partition: this is not a whole number from 0 to 2147483647",
                "1,1970-01-01,,a,true,1,1.0,0.0,0.5      | line 2, column windowStart: this is not a whole number from -9223372036854775808 to 9223372036854775807",
                "1,1970-01-01,0,a,true,1,1.0,0.0         | line 2 has 8 columns, there should be 9",
                "1,1970-01-01,0,\"\"\"a\",true,1,1.0,0.0,0.5 | line 2, column room: a string in quotes is not a JSON string",
                "1,1970-01-01,0,\"a\"b,true,1,1.0,0.0,0.5 | line 2 is not CSV: a quote stands where none may",
                "1,1970-01-01,0,\"a                      | line 2 is not CSV: a quote stands where none may",
            })
    void whatCannotBeReadIsNamedByLineAndColumnAndNotShown(String line, String message) {
        String header = "partition,window,windowStart,room,ok,count,sum(v),compensation(v),min(v)\n";

        assertThatThrownBy(() -> CSV.read(new StringReader(header + line), partition -> new CellTable(LAYOUT, 9)))
                .isInstanceOf(IOException.class)
                .hasMessage(message);
    }

    @Test
    void linesAreCountedWithTheLineBreaksInValues() {
        String text = """
                partition,window,windowStart,room,ok,count,sum(v),compensation(v),min(v)
                1,1970-01-01,0,"a
                b
                c",true,1,1.0,0.0,0.5
                1,1970-01-01,0,a,true,1,1.0,0.0,?
                """;

        assertThatThrownBy(() -> CSV.read(new StringReader(text), partition -> new CellTable(LAYOUT, 9)))
                .hasMessage("line 5, column min(v): this is not a number");
    }

    @Test
    void theFileOfAnotherJobIsRefused() throws Exception {
        JobSpec other =
                JobJson.job("{ groupBy: ['room', 'good'], aggregate: { mean: { mean: 'v' }, lo: { min: 'v' } } }");
        StringBuilder out = new StringBuilder();
        new CellCsv(other).write(out, new TreeMap<>());

        assertThatThrownBy(() -> CSV.read(new StringReader(out.toString()), partition -> new CellTable(LAYOUT, 9)))
                .hasMessageStartingWith("line 1, column ok: ");
        assertThatThrownBy(() -> CSV.read(new StringReader(""), partition -> new CellTable(LAYOUT, 9)))
                .hasMessageStartingWith("line 1: the file is empty");
    }

    private static CellTable table(List<List<GroupValue>> groups) throws Exception {
        CellTable table = new CellTable(LAYOUT, 100);
        double value = 0.5;
        for (List<GroupValue> each : groups) {
            byte[] key = GroupKey.of(each);
            table.add(table.findOrAdd(0, key, 0, key.length), new double[] {value++});
        }
        return table;
    }
}
