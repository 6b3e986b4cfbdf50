package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tidemark.state.ChunkRef.Page;
import io.tidemark.state.PartitionProgress.Batch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressCodecTest {
    private static final PlanIdentity IDENTITY = new PlanIdentity("f00d", 1, "in", "out", "state");

    private static PartitionProgress progress(Batch last, List<ChunkRef> chunks) {
        boolean paged = chunks.stream().allMatch(each -> each.page() != null);
        return progress(last, chunks, paged ? chunks.size() : -1, Mark.NOTHING_CLOSED, Windows.NO_RECORD);
    }

    private static PartitionProgress progress(
            Batch last, List<ChunkRef> chunks, long bytes, long closedBefore, long watermark) {
        return new PartitionProgress(
                IDENTITY,
                JsonNodeFactory.instance.objectNode().put("name", "x"),
                3,
                42,
                7,
                11,
                bytes,
                new Windows(
                        closedBefore,
                        watermark,
                        chunks.isEmpty() ? Windows.NO_TOTALS : chunks.get(0).window()),
                last,
                chunks,
                List.of());
    }

    private static final Arbitrary<Long> TIMES =
            Arbitraries.longs().between(-62_135_596_800_000L, 253_402_300_800_000L);

    private static Arbitrary<ChunkRef> chunk(Arbitrary<Page> page) {
        return Combinators.combine(
                        TIMES,
                        Arbitraries.integers().between(0, 1_000_000),
                        Arbitraries.longs().between(0, Long.MAX_VALUE / 4),
                        Arbitraries.integers(),
                        page)
                .as(ChunkRef::new);
    }

    @Provide
    Arbitrary<List<ChunkRef>> chunks() {
        return chunk(Arbitraries.just(null)).list().ofMaxSize(50);
    }

    @Provide
    Arbitrary<List<ChunkRef>> pages() {
        Arbitrary<byte[]> few = Arbitraries.bytes()
                .between((byte) -2, (byte) 2)
                .array(byte[].class)
                .ofMaxSize(6);
        Arbitrary<byte[]> many =
                Arbitraries.bytes().array(byte[].class).ofMinSize(200).ofMaxSize(300);
        Arbitrary<byte[]> first = Arbitraries.frequencyOf(Tuple.of(4, few), Tuple.of(1, many));
        Arbitrary<Integer> numbers = Arbitraries.integers().between(1, Integer.MAX_VALUE);
        return chunk(Combinators.combine(first, numbers, numbers).as(Page::new).injectNull(0.2))
                .list()
                .ofMaxSize(50);
    }

    @Property
    void whatIsWrittenIsReadBack(
            @ForAll("chunks") List<ChunkRef> chunks,
            @ForAll @LongRange(min = -1) long outputEnd,
            @ForAll @LongRange(min = 0) long filtered)
            throws Exception {
        PartitionProgress progress = progress(
                new Batch(
                        40,
                        42,
                        "run",
                        new RecordCounts(1, 0, 2, 3, 0, 7, 8, 0, 4, Map.of()),
                        5,
                        0,
                        0,
                        6,
                        9,
                        10,
                        11,
                        outputEnd),
                chunks);
        assertThat(progress.version()).isEqualTo(1);
        assertThat(ProgressCodec.decode(ProgressCodec.encode(progress))).isEqualTo(progress);
    }

    @Property
    void closedWindowsAndPagesAreReadBack(
            @ForAll("pages") List<ChunkRef> pages,
            @ForAll @LongRange(min = -1) long bytes,
            @ForAll @LongRange(min = -62_135_596_800_000L, max = 253_402_300_800_000L) long closedBefore,
            @ForAll boolean byEventTime,
            @ForAll @LongRange(min = 0) long late)
            throws Exception {
        PartitionProgress progress = progress(
                new Batch(
                        40,
                        42,
                        "run",
                        new RecordCounts(1, 0, 2, 3, late, 7, 8, 0, 4, Map.of()),
                        5,
                        4,
                        3,
                        6,
                        9,
                        10,
                        11,
                        12),
                pages,
                bytes,
                closedBefore,
                byEventTime ? closedBefore + 1 : Windows.NO_RECORD);
        assertThat(progress.version()).isEqualTo(2);
        byte[] stored = ProgressCodec.encode(progress);
        assertThat(ProgressCodec.decode(stored)).isEqualTo(progress);

        PartitionProgress planned = ProgressCodec.decodeWithoutChunks(stored);
        assertThat(planned.windows()).isEqualTo(progress.windows());
        assertThat(planned.bytes()).isEqualTo(bytes);
        assertThat(planned.mark()).isEqualTo(new Mark(42, closedBefore));
    }

    /** So a worker of an earlier version refuses the record by its version, whatever else it holds. */
    @Test
    void versionTwoIsWrittenWhereVersionOneCannotSayTheSame() {
        ChunkRef chunk = new ChunkRef(1, 0, 5, 9);
        ChunkRef page = new ChunkRef(1, 0, 5, 9, new Page(new byte[0], 1, 1));
        assertThat(start(progress(null, List.of(chunk)))).isEqualTo("{\"version\":1,");
        assertThat(start(progress(null, List.of(chunk, page)))).isEqualTo("{\"version\":2,");
        assertThat(start(progress(null, List.of(), 0, 0, Windows.NO_RECORD))).isEqualTo("{\"version\":2,");
        assertThat(start(progress(null, List.of(), 0, Mark.NOTHING_CLOSED, 0))).isEqualTo("{\"version\":2,");
    }

    private static String start(PartitionProgress progress) {
        return new String(ProgressCodec.encode(progress), 0, "{\"version\":1,".length(), StandardCharsets.UTF_8);
    }

    /** Records of jobs without a condition stay as version 0.1 wrote them. */
    @Test
    void filteredRecordsAreWrittenOnlyIfThereAreAny() {
        assertThat(text(new RecordCounts(5, 0, 0, 0, 0, 0, 0, 0, 9, Map.of()))).doesNotContain("filtered");
        assertThat(text(new RecordCounts(3, 2, 0, 0, 0, 0, 0, 0, 9, Map.of()))).contains("\"filtered\":2");
    }

    @Test
    void reasonsAreWrittenOnlyIfThereAreAnyAndReadBack() throws Exception {
        RecordCounts bad = new RecordCounts(2, 0, 3, 0, 0, 0, 0, 0, 9, Map.of("NOT_JSON", 1L, "BAD_TIME", 2L));

        assertThat(text(new RecordCounts(2, 0, 3, 0, 0, 0, 0, 0, 9, Map.of()))).doesNotContain("reasons");
        assertThat(text(bad)).contains("\"reasons\":{\"BAD_TIME\":2,\"NOT_JSON\":1}");
        assertThat(decode(text(bad)).last().counts()).isEqualTo(bad);
    }

    private static String text(RecordCounts counts) {
        Batch last = new Batch(0, 5, "run", counts, 1, 0, 0, 0, 9, 0, 11, 1);
        return new String(ProgressCodec.encode(progress(last, List.of())), StandardCharsets.UTF_8);
    }

    @Test
    void aPartitionThatIsOnlyRegisteredHasNoLastBatch() throws Exception {
        PartitionProgress progress = progress(null, List.of());
        assertThat(ProgressCodec.decode(ProgressCodec.encode(progress))).isEqualTo(progress);
    }

    @Property
    void aRecordThatIsCutOffIsUnreadable(@ForAll @IntRange(min = 0, max = 200) int length) {
        byte[] whole = ProgressCodec.encode(progress(null, List.of(new ChunkRef(1, 0, 5, 9))));
        byte[] part = Arrays.copyOf(whole, Math.min(length, whole.length - 1));
        assertThatThrownBy(() -> ProgressCodec.decode(part)).isInstanceOf(UnreadableProgressException.class);
    }

    @Test
    void aRecordOfANewerVersionSaysToUpdateTheWorker() {
        assertThatThrownBy(() -> decode("{\"version\":4}"))
                .isInstanceOf(UnreadableProgressException.class)
                .hasMessage(
                        "has version 4 and this worker knows versions up to 3; a newer worker wrote it: update this one");
        assertThatThrownBy(() -> decode("{}")).hasMessageStartingWith("has version -1 and");
        assertThatThrownBy(() -> decode("nonsense"))
                .isInstanceOf(UnreadableProgressException.class)
                .hasMessage("is not JSON");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"through\":42    | \"through\":\"42\" | is damaged: 'through' is not a whole number",
                "\"through\":42    | \"through\":1e30 | is damaged: 'through' is not a whole number",
                "\"from\":40       | \"from\":null    | is damaged: 'from' is not a whole number",
                "\"leaderEpoch\":7 | \"x\":7          | is damaged: ",
                "\"run\":\"run\"   | \"x\":7          | is damaged: ",
                "\"job\":          | \"jab\":         | is damaged: ",
                "AQIACgAAAAk=     | AQIACgAAAAkA     | is damaged: the list of chunks has bytes left over",
                "AQIACgAAAAk=     | AQIACgAAAA==     | is damaged: ",
                "AQIACgAAAAk=     | ?                | is damaged: ",
                "AQIACgAAAAk=     | AQL/////DwoAAAAJ | is damaged: integer overflow",
            })
    void aDamagedRecordIsUnreadable(String was, String is, String message) throws Exception {
        String whole = new String(
                ProgressCodec.encode(progress(
                        new Batch(40, 42, "run", RecordCounts.NONE, 5, 0, 0, 6, 9, 10, 11, -1),
                        List.of(new ChunkRef(1, 0, 5, 9)))),
                StandardCharsets.UTF_8);
        assertThat(whole).contains(was);
        assertThat(decode(whole).chunks()).containsExactly(new ChunkRef(1, 0, 5, 9));

        assertThatThrownBy(() -> decode(whole.replace(was, is)))
                .isInstanceOf(UnreadableProgressException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void aPlanDoesNotLookAtTheChunksAndCannotStoreWhatItRead() throws Exception {
        PartitionProgress whole = progress(
                null,
                IntStream.range(3, 9).mapToObj(i -> new ChunkRef(i, 0, 5, 9)).toList());
        String json = new String(ProgressCodec.encode(whole), StandardCharsets.UTF_8);
        String broken = json.substring(0, json.length() - 4) + "?" + json.substring(json.length() - 3);
        assertThatThrownBy(() -> decode(broken)).hasMessageStartingWith("is damaged: ");

        PartitionProgress read = ProgressCodec.decodeWithoutChunks(broken.getBytes(StandardCharsets.UTF_8));

        assertThat(read.through()).isEqualTo(whole.through());
        assertThat(read.windows().oldest()).isEqualTo(3);
        assertThatThrownBy(read::chunks).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ProgressCodec.encode(read)).isInstanceOf(IllegalStateException.class);
    }

    private static PartitionProgress decode(String json) throws UnreadableProgressException {
        return ProgressCodec.decode(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aListOfManyChunksStaysSmall() {
        List<ChunkRef> hourly = IntStream.range(0, 8_760)
                .mapToObj(hour -> new ChunkRef(1_700_000_000_000L + hour * 3_600_000L, 0, 10L * hour, hour * 31))
                .toList();
        assertThat(ProgressCodec.encode(progress(null, hourly))).hasSizeLessThan(150_000);
    }

    /** Quarters of an hour of a day, with a page for 1,000 groups. */
    @Test
    void theWindowsOfADayFitIntoFourKilobytes() {
        List<ChunkRef> windows = IntStream.range(0, 97)
                .mapToObj(i -> new ChunkRef(
                        1_700_000_000_000L + i * 900_000L,
                        0,
                        300_000L + 7L * i,
                        i * 0x9E3779B9,
                        new Page(new byte[0], 1_000, 40_000)))
                .toList();
        assertThat(ProgressCodec.encode(progress(null, windows))).hasSizeLessThan(3_000);
    }

    /** A day of 100,000 groups, in pages that are half full. */
    @Test
    void aListOfManyPagesStaysSmall() {
        List<ChunkRef> pages = IntStream.range(0, 214)
                .mapToObj(i -> new ChunkRef(
                        1_700_000_000_000L,
                        i,
                        300_000L + i * 31L % 214,
                        i * 31,
                        new Page(
                                String.format(Locale.ROOT, "s\13vendor-%03d", i).getBytes(StandardCharsets.UTF_8),
                                470,
                                28_000)))
                .toList();
        assertThat(ProgressCodec.encode(progress(null, pages))).hasSizeLessThan(6_000);
    }

    @Test
    void keysTellProgressFromChunksAndBothFromAnythingElse() {
        assertThat(StateKeys.isProgress(StateKeys.progress())).isTrue();
        assertThat(StateKeys.isChunk(StateKeys.chunk(-3_600_000, 2))).isTrue();
        assertThat(StateKeys.isChunk(StateKeys.progress())).isFalse();
        assertThat(StateKeys.isChunk("1/2/3".getBytes(StandardCharsets.UTF_8))).isFalse();
    }

    @Test
    void pagesAreEqualIfTheyBeginAndAreFilledAlike() {
        Page page = new Page(new byte[] {1, 2}, 3, 4);

        assertThat(page)
                .isEqualTo(new Page(new byte[] {1, 2}, 3, 4))
                .hasSameHashCodeAs(new Page(new byte[] {1, 2}, 3, 4));
        assertThat(List.of(
                        new Page(new byte[] {1, 3}, 3, 4),
                        new Page(new byte[] {1, 2}, 4, 4),
                        new Page(new byte[] {1, 2}, 3, 5)))
                .doesNotContain(page);
    }
}
