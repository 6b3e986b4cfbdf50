package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.aggregate.AggregatorException;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.MissingAggregatorException;
import io.tidemark.aggregate.OwnAggregates;
import io.tidemark.aggregator.Aggregator;
import io.tidemark.aggregator.AggregatorLaws;
import io.tidemark.aggregator.AggregatorProvider;
import io.tidemark.aggregator.ArgumentType;
import io.tidemark.aggregator.Arguments;
import io.tidemark.aggregator.Options;
import io.tidemark.csv.CellCsv;
import io.tidemark.job.JobFingerprint;
import io.tidemark.job.JobSpec;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.row.RowEncoder;
import io.tidemark.state.ChunkCodec;
import io.tidemark.state.UnreadableChunkException;
import io.tidemark.testkit.JobJson;
import io.tidemark.testkit.WeightedSum;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A job that uses an aggregate of a plugin. */
class OwnAggregateTest {
    private static final long TIME = 1_166_892_720_000L;
    private static final OwnAggregates PLUGINS = new OwnAggregates(List.of(new WeightedSum(1)));
    private static final String A = "{ 'n': 3, 'w': 2, 't': 'abc' }";
    private static final String B = "{ 'n': '-5', 'w': 1, 't': 7 }";
    private static final String C = "{ 'n': 10, 'w': 1 }";

    private static JobSpec job(String more) {
        return JobJson.job("{ window: 'none', input: { topic: 'in', timestamp: 'record' }, aggregate: { v: { use:"
                + " 'test.weighted', of: ['n', 'w', 't'], absent: 'skip'" + more + " } } }");
    }

    private static JobSpec bound(String more) throws MissingAggregatorException {
        return PLUGINS.bind(job(more));
    }

    private static CellTable fold(JobSpec job, String... records) throws Exception {
        CellTable table = new CellTable(CellLayout.of(job), 10);
        JobFolder folder = new JobFolder(job);
        InputRecord record = new InputRecord();
        for (String each : records) {
            byte[] value = each.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
            record.setPlace(4, 17, TIME);
            record.setContent(value, 0, InputRecord.NULL, 0, value.length);
            folder.fold(table, null, record);
        }
        return table;
    }

    private static String row(JobSpec job, CellTable table) throws Exception {
        return new String(new RowEncoder(job).value(table, 0), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                      | {\"letters\":[4,true],\"sum\":1}",
                ", options: { scale: 7 } | {\"letters\":[4,true],\"sum\":7}",
                ", where: 'w >= 2'       | {\"letters\":[3,true],\"sum\":6}",
                ", where: 'w > 2'        | null"
            })
    void itsValueIsInTheRow(String more, String expected) throws Exception {
        JobSpec job = bound(more);

        assertThat(row(job, fold(job, A, B, C))).isEqualTo("{\"v\":" + expected + "}");
    }

    /** In pieces, each through a staged file and through stored totals. */
    @Test
    void piecesGiveTheSameRow() throws Exception {
        JobSpec job = bound("");
        CellTable all = fold(job);
        for (String each : List.of(A, B, C, "{ 'n': 0, 'w': 0, 't': '' }")) {
            StringBuilder csv = new StringBuilder();
            new CellCsv(job).write(csv, new TreeMap<>(Map.of(0, fold(job, each))));
            CellTable read = fold(job);
            new CellCsv(job).read(new StringReader(csv.toString()), partition -> read);
            ChunkCodec codec = new ChunkCodec(read.layout());
            for (byte[] chunk : codec.encode(read, read.sortedSlots(), 1_000, bytes -> {})) {
                codec.decode(chunk, 0, all);
            }
        }

        assertThat(row(job, all)).isEqualTo(row(job, fold(job, A, B, C, "{ 'n': 0, 'w': 0, 't': '' }")));
        assertThat(all.count(0)).isEqualTo(4);
    }

    /** As the text of a map, both options are {fail=no, scale=7}. */
    @Test
    void optionsThatLookAlikeShareNothing() throws Exception {
        String use = "{ use: 'test.weighted', of: ['n', 'w', 't'], options: ";
        JobSpec job = PLUGINS.bind(
                JobJson.job("{ window: 'none', input: { topic: 'in', timestamp: 'record' }, aggregate: {" + " one: "
                        + use + "{ fail: 'no, scale=7' } }, other: " + use + "{ fail: 'no', scale: 7 } } } }"));

        assertThat(row(job, fold(job, A)))
                .isEqualTo("{\"one\":{\"letters\":[3,true],\"sum\":6},\"other\":{\"letters\":[3,true],\"sum\":42}}");
    }

    @Test
    void aFieldOfAnotherTypeMakesABadRecord() throws Exception {
        JobSpec job = bound("");
        CellTable table = fold(job);

        assertThatThrownBy(() -> fold(job, "{ 'n': 1.5, 'w': 2, 't': 'abc' }"))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("n ");
        assertThat(table.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"createAccumulator", "addInput", "mergeAccumulators", "extractOutput", "encode"})
    void anExceptionNamesTheMethodAndNeverWhatItSays(String method) throws Exception {
        JobSpec job = bound(", options: { fail: '" + method + "' }");

        assertThatThrownBy(() -> {
                    CellTable table = fold(job, A);
                    table.mergeAll(fold(job, B));
                    row(job, table);
                    new ChunkCodec(table.layout()).encode(table, table.sortedSlots(), 1_000, bytes -> {});
                })
                .isInstanceOf(AggregatorException.class)
                .hasMessageContaining(
                        "test.weighted version 1 (io.tidemark.testkit.WeightedSum$Sum): " + method
                                + " failed with java.lang.IllegalStateException at io.tidemark.testkit.WeightedSum$Sum.enter (line ")
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }

    @Test
    void valuesThatARowCannotHaveAreRefusedByTheirType() throws Exception {
        JobSpec job = bound(", options: { fail: 'value' }");

        assertThatThrownBy(() -> row(job, fold(job, A)))
                .isInstanceOf(AggregatorException.class)
                .hasMessageContaining("extractOutput returned a java.lang.StringBuilder")
                .hasMessageNotContaining("secret");
    }

    @Test
    void moreBytesThanPromisedAreRefused() throws Exception {
        JobSpec job = bound(", options: { fail: 'maxBytes' }");

        assertThatThrownBy(() -> new CellCsv(job).write(new StringBuilder(), new TreeMap<>(Map.of(0, fold(job, A)))))
                .isInstanceOf(AggregatorException.class)
                .hasMessageContaining("encode returned 16 bytes, and maxBytes is 15");
    }

    @Test
    void storedTotalsThatThePluginCannotReadAreDamaged() throws Exception {
        CellTable table = fold(bound(""), A);
        byte[] chunk = new ChunkCodec(table.layout())
                .encode(table, table.sortedSlots(), 1_000, bytes -> {})
                .get(0);
        chunk[chunk.length - 17] = 1;

        assertThatThrownBy(() -> new ChunkCodec(table.layout()).decode(chunk, 0, fold(bound(""))))
                .isInstanceOf(UnreadableChunkException.class)
                .hasMessageContaining("they are not an accumulator of test.weighted version 1");
    }

    @Test
    void totalsOfAnotherVersionAreRefusedWithTheVersionsName() throws Exception {
        CellTable table = fold(bound(""), A);
        byte[] chunk = new ChunkCodec(table.layout())
                .encode(table, table.sortedSlots(), 1_000, bytes -> {})
                .get(0);
        CellTable newer = fold(new OwnAggregates(List.of(new WeightedSum(2))).bind(job("")));

        assertThatThrownBy(() -> new ChunkCodec(newer.layout()).decode(chunk, 0, newer))
                .isInstanceOf(UnreadableChunkException.class)
                .hasMessageContaining("stored totals hold other accumulators than the job has")
                .hasMessageContaining("test.weighted version 2");
    }

    @Test
    void aJobWithoutTheCodeIsNotComputed() {
        assertThatThrownBy(() -> CellLayout.of(job("")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("aggregate.v uses test.weighted, whose code this job was not given");
        assertThatThrownBy(() -> OwnAggregates.NONE.bind(job("")))
                .isInstanceOf(MissingAggregatorException.class)
                .hasMessage("aggregate.v uses test.weighted, which no plugin has here; there are no plugins");
    }

    @Test
    void otherFieldsAndOptionsThanThePluginTakesAreRefused() {
        assertThatThrownBy(() -> PLUGINS.bind(JobJson.job("{ aggregate: { v: { use: 'test.weighted', of: ['n'] } } }")))
                .isInstanceOf(InvalidJobException.class)
                .hasMessage("aggregate.v.of: has 1 fields, but test.weighted takes 3: [INTEGER, NUMBER, TEXT]");
        assertThatThrownBy(() -> bound(", options: { scale: 0 }"))
                .isInstanceOf(InvalidJobException.class)
                .hasMessage("aggregate.v.options: test.weighted refuses them: scale must be from 1 to 1000, but is 0");
        assertThatThrownBy(() -> bound(", options: { scala: 1 }"))
                .isInstanceOf(InvalidJobException.class)
                .hasMessageEndingWith("scala is no option of this aggregate; its options are fail, scale");
    }

    @Test
    void twoProvidersOfOneNameAreRefused() {
        assertThatThrownBy(() -> new OwnAggregates(List.of(new WeightedSum(1), new WeightedSum(2))))
                .hasMessageContaining("two plugins have an aggregate test.weighted");
        assertThatThrownBy(() -> new OwnAggregates(List.of(new WeightedSum(0)))).hasMessageContaining("has version 0");
    }

    @Test
    void theFingerprintHasItsNameFieldsAndOptionsButNotTheirOrder() {
        String one = hash(", options: { scale: 5, fail: 'no' }");

        assertThat(hash(", options: { fail: 'no', scale: 5.0 }")).isEqualTo(one);
        assertThat(hash(", options: { fail: 'no', scale: 6 }")).isNotEqualTo(one);
        assertThat(hash("").equals(one)).isFalse();
        assertThat(hash(", of: ['w', 'n', 't']")).isNotEqualTo(hash(""));
    }

    private static String hash(String more) {
        return JobFingerprint.of(job(more)).hash();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ use: 'mean', of: ['x'] }         | a plugin, which has a dot",
                "{ use: 'a.b', of: 'x' }            | a list of fields",
                "{ use: 'a.b', options: { x: [] } } | a text, a number, true or false",
                "{ use: 'a.b', sum: 'x' }           | has two functions, sum and use",
                "{ use: 'a.b', decimal: 2 }         | is no option of use; its options are absent, where",
                "{ sum: 'a', of: ['x'] }            | is not a known field",
                "\"use\"                            | write { use: acme.centroid, of: [lat, lon] }",
            })
    void senselessFormsAreRefused(String aggregate, String problem) {
        assertThatThrownBy(() -> JobJson.job("{ aggregate: { v: " + aggregate + " } }"))
                .isInstanceOf(InvalidJobException.class)
                .hasMessageContaining(problem);
    }

    /** Its fields may be whatever a group may be, and the job knows that it reads them. */
    @Test
    void itsFieldsMayBeHeaders() {
        JobSpec job = JobJson.job("{ aggregate: { v: { use: 'a.b', of: ['n', { header: 'unit' }] } } }");

        assertThat(job.fields()).contains("n", "{header: unit}");
        assertThat(JobSpec.fromJson(job.toJson())).isEqualTo(job);
    }

    @Test
    void theTestsOwnAggregateKeepsTheLaws() {
        AggregatorLaws.check(
                new WeightedSum(1),
                Map.of("scale", 3),
                random -> List.of(
                        random.nextLong(1_000_000) - 500_000, (double) random.nextInt(9), "a" + random.nextInt()));
    }

    @Test
    void aJobKnowsWhetherItUsesAPluginAndWasGivenItsCode() throws Exception {
        assertThat(PLUGINS.names()).containsExactly("test.weighted 1");
        assertThat(OwnAggregates.isUsedBy(JobJson.job(""))).isFalse();
        assertThat(OwnAggregates.areBoundIn(JobJson.job(""))).isFalse();
        assertThat(OwnAggregates.isUsedBy(job(""))).isTrue();
        assertThat(OwnAggregates.areBoundIn(job(""))).isFalse();
        assertThat(OwnAggregates.areBoundIn(bound(""))).isTrue();
    }

    /** A plugin gets the place of a record, and may return whatever a row can have. */
    @Test
    void itSeesThePlaceOfARecordAndReturnsAnyValue() throws Exception {
        OwnAggregates plugins = new OwnAggregates(List.of(new Places()));
        JobSpec job = plugins.bind(JobJson.job("{ window: 'none', input: { topic: 'in', timestamp: 'record' },"
                + " aggregate: { v: { use: 'test.places', of: [] } } }"));

        assertThat(row(job, fold(job, A)))
                .isEqualTo("{\"v\":{\"big\":12.50,\"none\":null,\"offset\":17,\"partition\":4,\"real\":0.5,"
                        + "\"text\":\"t\",\"time\":1166892720000}}");
        ChunkCodec codec = new ChunkCodec(CellLayout.of(job));
        CellTable table = fold(job, A);
        CellTable back = fold(job);
        codec.decode(codec.encode(table, new int[] {0}, 1_000, bytes -> {}).get(0), 0, back);
        assertThat(row(job, back)).isEqualTo(row(job, table));
        assertThat(CellLayout.of(job).accumulators().maxBytes())
                .as("a reference, the part with its headers, and the accumulator with two copies of its bytes")
                .isEqualTo(8 + 64 + 3 * 24);
    }

    /** The place of the last record. */
    private static final class Places implements AggregatorProvider, Aggregator<long[]> {
        @Override
        public String name() {
            return "test.places";
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Aggregator<?> create(Options options) {
            return this;
        }

        @Override
        public List<ArgumentType> arguments() {
            return List.of();
        }

        @Override
        public long[] createAccumulator() {
            return new long[3];
        }

        @Override
        public long[] addInput(long[] accumulator, Arguments input) {
            return new long[] {input.timeMillis(), input.partition(), input.offset()};
        }

        @Override
        public long[] mergeAccumulators(long[] into, long[] from) {
            return from;
        }

        @Override
        public Object extractOutput(long[] accumulator) {
            Map<String, @Nullable Object> value = new HashMap<>();
            value.put("time", accumulator[0]);
            value.put("partition", BigInteger.valueOf(accumulator[1]));
            value.put("offset", (int) accumulator[2]);
            value.put("real", 0.5);
            value.put("text", "t");
            value.put("none", null);
            value.put("big", new BigDecimal("12.50"));
            return value;
        }

        @Override
        public byte[] encode(long[] accumulator) {
            ByteBuffer bytes = ByteBuffer.allocate(24);
            bytes.asLongBuffer().put(accumulator);
            return bytes.array();
        }

        @Override
        public long[] decode(byte[] bytes) {
            long[] accumulator = new long[3];
            ByteBuffer.wrap(bytes).asLongBuffer().get(accumulator);
            return accumulator;
        }

        @Override
        public int maxBytes() {
            return 24;
        }
    }
}
