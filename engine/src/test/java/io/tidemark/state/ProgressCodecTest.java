package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tidemark.state.PartitionProgress.Batch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressCodecTest {
    private static final PlanIdentity IDENTITY = new PlanIdentity("f00d", 1, "in", "out", "state");

    private static PartitionProgress progress(Batch last, List<ChunkRef> chunks) {
        return new PartitionProgress(
                IDENTITY, JsonNodeFactory.instance.objectNode().put("name", "x"), 3, 42, 7, 11, last, chunks);
    }

    @Provide
    Arbitrary<List<ChunkRef>> chunks() {
        return Combinators.combine(
                        Arbitraries.longs().between(-62_135_596_800_000L, 253_402_300_800_000L),
                        Arbitraries.integers().between(0, 1_000_000),
                        Arbitraries.longs().between(0, Long.MAX_VALUE / 4),
                        Arbitraries.integers())
                .as(ChunkRef::new)
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
                new Batch(40, 42, "run", new RecordCounts(1, filtered, 2, 3, 7, 8, 0, 4), 5, 6, 9, 10, 11, outputEnd),
                chunks);
        assertThat(ProgressCodec.decode(ProgressCodec.encode(progress))).isEqualTo(progress);
    }

    /** Records of jobs without a condition stay as version 0.1 wrote them. */
    @Test
    void filteredRecordsAreWrittenOnlyIfThereAreAny() {
        assertThat(text(new RecordCounts(5, 0, 0, 0, 0, 0, 0, 9))).doesNotContain("filtered");
        assertThat(text(new RecordCounts(3, 2, 0, 0, 0, 0, 0, 9))).contains("\"filtered\":2");
    }

    private static String text(RecordCounts counts) {
        Batch last = new Batch(0, 5, "run", counts, 1, 0, 9, 0, 11, 1);
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
        assertThatThrownBy(() -> decode("{\"version\":2}"))
                .isInstanceOf(UnreadableProgressException.class)
                .hasMessage("has version 2 and this worker knows version 1; a newer worker wrote it: update this one");
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
                        new Batch(40, 42, "run", RecordCounts.NONE, 5, 6, 9, 10, 11, -1),
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
        PartitionProgress whole = progress(null, List.of(new ChunkRef(1, 0, 5, 9)));
        String json = new String(ProgressCodec.encode(whole), StandardCharsets.UTF_8);

        PartitionProgress read = ProgressCodec.decodeWithoutChunks(
                json.replace("AQIACgAAAAk=", "?").getBytes(StandardCharsets.UTF_8));

        assertThat(read.through()).isEqualTo(whole.through());
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

    @Test
    void keysTellProgressFromChunksAndBothFromAnythingElse() {
        assertThat(StateKeys.isProgress(StateKeys.progress())).isTrue();
        assertThat(StateKeys.isChunk(StateKeys.chunk(-3_600_000, 2))).isTrue();
        assertThat(StateKeys.isChunk(StateKeys.progress())).isFalse();
        assertThat(StateKeys.isChunk("1/2/3".getBytes(StandardCharsets.UTF_8))).isFalse();
    }
}
