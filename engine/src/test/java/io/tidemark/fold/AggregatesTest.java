package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.json.MalformedRecordException.Reason;
import io.tidemark.part.TooManyValuesException;
import io.tidemark.row.RowEncoder;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each aggregate says about a few records, worked out by hand. */
class AggregatesTest {
    private static final String A = "{ 'at': 3000, 'amount': 10.10, 'n': 3, 'user': 'ann', 'status': 'paid' }";
    private static final String B = "{ 'at': 1000, 'amount': '0.2', 'n': '-5', 'user': 'bob', 'status': 'open' }";
    private static final String C =
            "{ 'at': 2000, 'amount': -4, 'n': 9223372036854775807, 'user': 'ann', 'status': 'paid' }";
    private static final String D = "{ 'at': 3000, 'user': 7, 'status': 'void', 'amount': null, 'x': 2.5 }";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ sum: 'amount', decimal: 2, absent: 'skip' }         | 6.30",
                "{ mean: 'amount', decimal: 2, absent: 'skip' }        | 2.100000",
                "{ mean: 'amount', decimal: 8, absent: 'skip' }        | 2.10000000",
                "{ min: 'amount', decimal: 3, absent: 'skip' }         | -4.000",
                "{ max: 'amount', decimal: 2, absent: 'skip' }         | 10.10",
                "{ sum: 'n', integer: true, absent: 'skip' }           | 9223372036854775805",
                "{ mean: 'n', integer: true, absent: 'skip' }          | 3074457345618258601.666667",
                "{ max: 'n', integer: true, absent: 'skip' }           | 9223372036854775807",
                "{ variance: 'amount', decimal: 2, absent: 'skip' }    | 52.41",
                "{ stddev: 'amount', decimal: 2, absent: 'skip', population: true } | 5.91100668245266",
                "{ variance: 'x', absent: 'skip' }                     | null",
                "{ variance: 'x', absent: 'skip', population: true }   | 0.0",
                "{ sum: 'x', absent: 'skip' }                          | 2.5",
                "{ mean: 'x', absent: 'skip' }                         | 2.5",
                "{ sum: 'none', absent: 'skip' }                       | null",
                "{ max: 'none', absent: 'skip' }                       | null",
                "{ sum: 'none', integer: true, absent: 'skip' }        | null",
                "{ min: 'none', decimal: 1, absent: 'skip' }           | null",
                "{ quantile: 'none', at: 0.5, absent: 'skip' }         | null",
                "{ first: 'none', absent: 'skip' }                     | null",
                "{ last: 'none', integer: true, absent: 'skip' }       | null",
                "{ distinct: 'none', absent: 'skip' }                  | 0",
                "{ distinct: 'none', method: 'approximate', absent: 'skip' } | 0",
                "{ largest: 'none', k: 3, absent: 'skip' }             | []",
                "{ frequent: 'none', k: 3, absent: 'skip' }            | []",
                "{ count: '*', where: 'status == \"paid\"' }           | 2",
                "{ sum: 'amount', decimal: 2, where: 'status == \"paid\"' } | 6.10",
                "{ mean: 'amount', decimal: 2, where: 'status == \"none\"' } | null",
                "{ first: 'status' }                                   | \"open\"",
                "{ last: 'status' }                                    | \"void\"",
                "{ last: 'user' }                                      | 7",
                "{ first: 'n', integer: true, absent: 'skip' }         | -5",
                "{ last: 'amount', decimal: 1, absent: 'skip' }        | 10.1",
                "{ distinct: 'user' }                                  | 3",
                "{ distinct: 'user', method: 'approximate' }           | 3",
                "{ largest: 'n', k: 2, integer: true, absent: 'skip' } | [9223372036854775807,3]",
                "{ smallest: 'amount', k: 2, decimal: 1, absent: 'skip' } | [-4.0,0.2]",
                "{ smallest: 'at', k: 3 }                              | [1000.0,2000.0,3000.0]",
                "{ quantile: 'at', at: 0.5, error: 0.001 }             | 2001.0",
                "{ quantile: 'at', at: 1 }                             | 3000.0",
                "{ frequent: 'user', k: 1 }                            | [{\"value\":\"ann\",\"atLeast\":2,\"atMost\":2}]",
            })
    void eachAggregateOfFourRecords(String aggregate, String expected) throws Exception {
        assertThat(row(job(aggregate), A, B, C, D)).isEqualTo("{\"all\":\"x\",\"v\":" + expected + "}");
    }

    /** What rounding loses is kept beside a sum, also of an optional field, and also where tables are merged. */
    @ParameterizedTest
    @CsvSource({"sum, 2.0", "mean, 0.5"})
    void aSumKeepsWhatRoundingLoses(String function, String expected) throws Exception {
        JobSpec job = job("{ " + function + ": 'x', absent: 'skip' }");
        String one = "{ 'at': 1, 'x': 1 }";
        String huge = "{ 'at': 1, 'x': 1e100 }";
        String opposite = "{ 'at': 1, 'x': -1e100 }";
        CellTable halves = table(job, one, huge);
        halves.mergeAll(table(job, one, opposite));
        CellTable singles = table(job, one);
        for (String each : new String[] {huge, one, opposite}) {
            singles.mergeAll(table(job, each));
        }

        for (CellTable each : new CellTable[] {table(job, one, huge, one, opposite), halves, singles}) {
            assertThat(row(job, each)).contains("\"v\":" + expected);
        }
    }

    /** The digits that were scanned belong to their record only. */
    @Test
    void aDecimalIsNeverThatOfTheRecordBefore() throws Exception {
        JobSpec job = job("{ sum: 'amount', decimal: 2 }");

        assertThat(row(
                        job,
                        "{ 'at': 1, 'amount': 10.10 }",
                        "{ 'at': 2, 'amount': '0.20' }",
                        "{ 'at': 3, 'amount': 1e1 }"))
                .contains("\"v\":20.30");
        for (String other :
                new String[] {"{ 'at': 2 }", "{ 'at': 2, 'amount': null }", "{ 'at': 2, 'amount': true }"}) {
            assertThatThrownBy(() -> row(job, "{ 'at': 1, 'amount': 10.10 }", other))
                    .isInstanceOf(MalformedRecordException.class);
        }
    }

    /** Aggregates of one field share what they can, and do not disturb each other. */
    @Test
    void severalAggregatesOfOneField() throws Exception {
        JobSpec job = JobJson.job(
                "{ input: { topic: 'in', timestamp: { field: 'at', format: 'epochMillis' } }, window: 'none',"
                        + " aggregate: { n: 'count', sum: { sum: 'amount', decimal: 2, absent: 'skip' },"
                        + " mean: { mean: 'amount', decimal: 2, absent: 'skip' }, paid: { count: '*', where: 'status == \"paid\"' },"
                        + " latest: { max: 'at' }, p50: { quantile: 'at', at: 0.5 }, p100: { quantile: 'at', at: 1 },"
                        + " users: { distinct: 'user' } } }");

        assertThat(row(job, A, B, C, D))
                .isEqualTo("{\"n\":4,\"sum\":6.30,\"mean\":2.100000,\"paid\":2,\"latest\":3000.0,\"p50\":2008.0,"
                        + "\"p100\":3000.0,\"users\":3}");
        assertThat(CellLayout.of(job).accumulators().parts())
                .as("one histogram, one set")
                .isEqualTo(2);
    }

    /** Without windows no window asks for the time of a record, but the order of first and last does. */
    @Test
    void firstAndLastAskForTheTimestampOfTheRecordAlsoWithoutWindows() throws Exception {
        JobSpec job = JobJson.job("{ input: { topic: 'in', timestamp: 'record' }, window: 'none',"
                + " aggregate: { first: { first: 'n', integer: true }, last: { last: 'user' } } }");
        CellTable table = new CellTable(CellLayout.of(job), 1);
        JobFolder folder = new JobFolder(job);

        fold(folder, table, 0, 2_000, A);
        fold(folder, table, 1, 1_000, B);

        assertThat(new String(new RowEncoder(job).value(table, 0), StandardCharsets.UTF_8))
                .isEqualTo("{\"first\":-5,\"last\":\"ann\"}");
        assertThatThrownBy(() -> fold(folder, table, 2, -1, C))
                .isInstanceOfSatisfying(
                        MalformedRecordException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.BAD_TIME));
    }

    /** The name of a field may look like the options of an aggregate. */
    @Test
    void aFieldNamedLikeOptionsSharesNothing() throws Exception {
        JobSpec job = JobJson.job(
                "{ input: { topic: 'in', timestamp: { field: 'at', format: 'epochMillis' } }, window: 'none',"
                        + " aggregate: { odd: { distinct: 'user, absent skip' }, users: { distinct: 'user', absent: 'skip' },"
                        + " oddSum: { sum: 'n, integer', absent: 'skip' }, sum: { sum: 'n', integer: true, absent: 'skip' } } }");

        assertThat(row(
                        job,
                        "{ 'at': 1, 'user': 'ann', 'n': 7, 'user, absent skip': 1, 'n, integer': 0.5 }",
                        "{ 'at': 1, 'user': 'ann', 'n': 7, 'user, absent skip': 2, 'n, integer': 0.5 }"))
                .isEqualTo("{\"odd\":2,\"users\":1,\"oddSum\":1.0,\"sum\":14}");
    }

    @Test
    void numbersAsTextAreThoseOfAllAggregates() throws Exception {
        JobSpec job = JobJson.job(
                "{ input: { topic: 'in', timestamp: { field: 'at', format: 'epochMillis' } }, window: 'none',"
                        + " output: { topic: 'out', numbers: 'text' }, aggregate: { sum: { sum: 'amount', decimal: 2 },"
                        + " top: { largest: 'amount', decimal: 2, k: 1 }, users: { frequent: 'user', k: 1 } } }");

        assertThat(row(job, A))
                .isEqualTo("{\"sum\":\"10.10\",\"top\":[\"10.10\"],\"users\":[{\"value\":\"ann\","
                        + "\"atLeast\":\"1\",\"atMost\":\"1\"}]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ sum: 'v', decimal: 2 } | { 'v': 1.005 }   | NOT_EXACT     | v has more decimals than the 2 that the job keeps, and nothing is rounded",
                "{ sum: 'v', decimal: 2 } | { 'v': 1e16 }    | OUT_OF_RANGE  | v is a number beyond 18 digits, of which 2 are decimals",
                "{ sum: 'v', integer: true } | { 'v': 9223372036854775808 } | OUT_OF_RANGE | v is a number beyond the 64 bits of an integer",
                "{ sum: 'v', integer: true } | { 'v': 1.5 }  | NOT_EXACT     | v has more decimals than the 0 that the job keeps, and nothing is rounded",
                "{ sum: 'v', decimal: 2 } | { 'v': '1,5' }   | WRONG_TYPE    | v is a text that is not a number as JSON writes them",
                "{ sum: 'v', decimal: 2 } | { 'v': true }    | WRONG_TYPE    | v is not a number but true",
                "{ sum: 'v', decimal: 2 } | { 'v': null }    | WRONG_TYPE    | v is not a number but null",
                "{ sum: 'v', decimal: 2 } | { }              | FIELD_MISSING | v is missing",
                "{ stddev: 'v' }          | { 'v': 1e145 }   | NUMBER_TOO_LARGE | v is a number beyond 2^480 (about 3.1e144), and sums of squares of such numbers could overflow",
                "{ last: 'v' }            | { 'v': [] }      | WRONG_TYPE    | v is not a string, number, true or false but an array",
                "{ sum: 'v', absent: 'skip' } | { 'v': 'x' } | WRONG_TYPE    | v is not a number but a string",
                "{ count: '*', where: 'v > 1' } | { 'v': 'x' } | WRONG_TYPE  | v is not a number but a string",
            })
    void aBadRecordSaysWhyAndChangesNothing(String aggregate, String record, Reason reason, String message)
            throws Exception {
        JobSpec job = JobJson.job(
                "{ window: 'none', input: { topic: 'in' }, aggregate: { n: 'count', v: " + aggregate + " } }");
        CellTable table = new CellTable(CellLayout.of(job), 1);

        assertThatThrownBy(() -> fold(new JobFolder(job), table, 0, record))
                .isInstanceOfSatisfying(MalformedRecordException.class, e -> {
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e).hasMessage(message);
                });
        assertThat(table.size()).isZero();
    }

    @Test
    void aValueMayHaveAsManyBytesAsAGroup() throws Exception {
        JobSpec job = JobJson.job("{ window: 'none', input: { topic: 'in' }, badRecords: { groupBytes: 3 },"
                + " aggregate: { v: { distinct: 'v' } } }");
        CellTable table = new CellTable(CellLayout.of(job), 1);
        JobFolder folder = new JobFolder(job);
        fold(folder, table, 0, "{ 'v': 'abc' }");

        assertThatThrownBy(() -> fold(folder, table, 1, "{ 'v': 'abcd' }"))
                .hasMessage("v makes the value of an aggregate longer than badRecords.groupBytes, which is 3");
    }

    @Test
    void aSetBeyondItsLimitFailsThePartition() throws Exception {
        JobSpec job = JobJson.job(
                "{ window: 'none', input: { topic: 'in' }, aggregate: { w: { distinct: 'v' }, v: { distinct: 'v', limit: 1 } } }");
        CellTable table = new CellTable(CellLayout.of(job), 1);
        JobFolder folder = new JobFolder(job);
        fold(folder, table, 0, "{ 'v': 'a' }");
        fold(folder, table, 1, "{ 'v': 'a' }");

        assertThatThrownBy(() -> fold(folder, table, 2, "{ 'v': 'b' }"))
                .isInstanceOf(TooManyValuesException.class)
                .hasMessage("more than 1 different values in one cell; raise the limit of this distinct, or count them"
                        + " with method: approximate");
    }

    @Test
    void eachAggregateHasAConditionAndALimitOfItsOwn() throws Exception {
        JobSpec job = JobJson.job(
                "{ input: { topic: 'in', timestamp: { field: 'at', format: 'epochMillis' } }, window: 'none', aggregate: {"
                        + " paid: { count: '*', where: 'status == \"paid\"' }, late: { sum: 'at', where: 'at >= 3000' },"
                        + " mean: { mean: 'at', where: 'status == \"paid\"' }, one: { distinct: 'status', limit: 3 },"
                        + " other: { distinct: 'at', limit: 4 } } }");

        assertThat(row(job, A, B, C, D, "{ 'at': 4000, 'status': 'paid' }"))
                .isEqualTo("{\"paid\":3,\"late\":10000.0,\"mean\":3000.0,\"one\":3,\"other\":4}");
    }

    @Test
    void theLargestNumberThatMayBeSquaredIsCounted() throws Exception {
        JobSpec job = job("{ stddev: 'x' }");
        // 2^480
        String largest = "3.1217485503159922e144";

        assertThat(row(job, "{ 'at': 1, 'x': " + largest + " }", "{ 'at': 1, 'x': " + largest + " }"))
                .contains("\"v\":0.0");
        assertThatThrownBy(() -> row(job, "{ 'at': 1, 'x': 3.1217485503159926e144 }"))
                .isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void moreCellsThanThereWasRoomForKeepTheirAccumulators() throws Exception {
        JobSpec job = JobJson.job("{ window: 'none', input: { topic: 'in' }, groupBy: ['g'], aggregate: {"
                + " x: { sum: 'x', absent: 'skip' }, n: { sum: 'g', integer: true }, d: { distinct: 'g' } } }");
        CellTable table = new CellTable(CellLayout.of(job), 1_000);
        JobFolder folder = new JobFolder(job);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 1_000; i++) {
                fold(folder, table, i, "{ 'g': " + i + ", 'x': 0.5 }");
            }
        }

        RowEncoder encoder = new RowEncoder(job);
        for (int i = 0; i < 1_000; i++) {
            assertThat(new String(encoder.value(table, i), StandardCharsets.UTF_8))
                    .isEqualTo("{\"g\":" + i + ",\"x\":1.0,\"n\":" + 2 * i + ",\"d\":1}");
        }
    }

    /** Cells are read only by a layout that says the same of itself, so each option that matters must be in it. */
    @Test
    void layoutsThatHoldDifferentThingsSayDifferentThings() {
        List<String> layouts = Stream.of(
                        "{ sum: 'x', absent: 'skip' }",
                        "{ sum: 'x', integer: true }",
                        "{ sum: 'x', integer: true, absent: 'skip' }",
                        "{ sum: 'x', decimal: 1 }",
                        "{ sum: 'x', decimal: 2 }",
                        "{ sum: 'x', where: 'x > 1' }",
                        "{ sum: 'x', where: 'x > 2' }",
                        "{ sum: 'x, integer', absent: 'skip' }",
                        "{ sum: '\\\"x\\\"', absent: 'skip' }",
                        "{ mean: 'x', absent: 'skip' }",
                        "{ variance: 'x' }",
                        "{ distinct: 'x' }",
                        "{ distinct: 'x', method: 'approximate' }")
                .map(each -> CellLayout.of(job(each)).toString())
                .distinct()
                .toList();

        assertThat(layouts).as("a mean is a sum").hasSize(12);
        assertThat(CellLayout.of(job("{ sum: 'x', absent: 'skip' }"))
                        .accumulators()
                        .maxBytes())
                .as("a sum, what rounding lost, and a count")
                .isEqualTo(3 * 8);
        assertThat(CellLayout.of(job("{ distinct: 'x', method: 'approximate' }"))
                        .accumulators()
                        .maxBytes())
                .as("a sketch of 2^12 bytes")
                .isBetween(4_096L, 5_000L);
    }

    /** The text is part of the signature of stored cells: another text means that they are not read any more. */
    @Test
    void aLayoutKeepsItsText() {
        assertThat(CellLayout.of(job("{ sum: 'x, y', integer: true, absent: 'skip' }")))
                .hasToString("count, ; count(\"x, y\", integer, absent skip); sum(\"x, y\", integer, absent skip)");
        assertThat(CellLayout.of(job("{ sum: 'x', decimal: 2 }"))).hasToString("count, ; sum(x, decimal 2)");
    }

    @Test
    void cellsAreMergedColumnByColumn() throws Exception {
        JobSpec job = JobJson.job("{ window: 'none', input: { topic: 'in' }, groupBy: ['g'], aggregate: {"
                + " lo: { min: 'x' }, hi: { max: 'x' }, s: { sum: 'y' } } }");
        CellTable one = new CellTable(CellLayout.of(job), 10);
        CellTable other = new CellTable(CellLayout.of(job), 10);
        JobFolder folder = new JobFolder(job);
        fold(folder, one, 0, "{ 'g': 'a', 'x': 1, 'y': 10 }");
        fold(folder, one, 1, "{ 'g': 'b', 'x': 2, 'y': 20 }");
        fold(folder, other, 2, "{ 'g': 'b', 'x': 5, 'y': 200 }");
        one.mergeAll(other);

        RowEncoder encoder = new RowEncoder(job);
        assertThat(new String(encoder.value(one, 0), StandardCharsets.UTF_8))
                .isEqualTo("{\"g\":\"a\",\"lo\":1.0,\"hi\":1.0,\"s\":10.0}");
        assertThat(new String(encoder.value(one, 1), StandardCharsets.UTF_8))
                .isEqualTo("{\"g\":\"b\",\"lo\":2.0,\"hi\":5.0,\"s\":220.0}");
    }

    /** The memory of a table follows its accumulators, and all of it is given back. */
    @Test
    void accumulatorsAreChargedToTheMemoryOfTheTable() throws Exception {
        JobSpec job = JobJson.job(
                "{ window: 'none', input: { topic: 'in' }, aggregate: { v: { distinct: 'v' }, n: { last: 'v' } } }");
        AtomicLong held = new AtomicLong();
        Memory memory = new Memory() {
            @Override
            public void take(long bytes) {
                held.addAndGet(bytes);
            }

            @Override
            public void giveBack(long bytes) {
                held.addAndGet(-bytes);
            }
        };
        CellTable table = new CellTable(CellLayout.of(job), 1, memory);
        JobFolder folder = new JobFolder(job);
        fold(folder, table, 0, "{ 'v': 'a' }");
        long small = held.get();

        for (int i = 1; i < 1_000; i++) {
            fold(folder, table, i, "{ 'v': 'value " + i + "' }");
        }

        assertThat(held.get() - small).as("a thousand values of 9 bytes").isBetween(9_000L, 200_000L);
        CellTable other = new CellTable(CellLayout.of(job), 1, memory);
        long before = held.get();
        other.mergeAll(table);
        assertThat(held.get() - before).isBetween(9_000L, 200_000L);
        long merged = held.get();
        other.mergeAll(table);
        assertThat(held.get()).as("the same values again").isEqualTo(merged);
        table.free();
        other.free();
        assertThat(held.get()).isZero();
    }

    private static JobSpec job(String aggregate) {
        return JobJson.job(
                "{ input: { topic: 'in', timestamp: { field: 'at', format: 'epochMillis' } }, window: 'none',"
                        + " groupBy: ['all'], aggregate: { v: " + aggregate + " } }");
    }

    private static String row(JobSpec job, String... records) throws Exception {
        return row(job, table(job, records));
    }

    private static String row(JobSpec job, CellTable table) throws Exception {
        return new String(new RowEncoder(job).value(table, 0), StandardCharsets.UTF_8);
    }

    private static CellTable table(JobSpec job, String... records) throws Exception {
        CellTable table = new CellTable(CellLayout.of(job), 1);
        JobFolder folder = new JobFolder(job);
        for (int i = 0; i < records.length; i++) {
            fold(folder, table, i, records[i].replaceFirst("\\{", "{ 'all': 'x',"));
        }
        return table;
    }

    private static void fold(JobFolder folder, CellTable table, long offset, String record) throws Exception {
        fold(folder, table, offset, 0, record);
    }

    private static void fold(JobFolder folder, CellTable table, long offset, long timestamp, String record)
            throws Exception {
        byte[] value = record.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        InputRecord input = new InputRecord();
        input.setPlace(0, offset, timestamp);
        input.setContent(value, 0, InputRecord.NULL, 0, value.length);
        assertThat(folder.fold(table, null, input)).isEqualTo(Fate.FOLDED);
    }
}
