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
import org.junit.jupiter.api.Test;

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
    void whatIsWrittenIsReadBack(@ForAll("chunks") List<ChunkRef> chunks) throws Exception {
        PartitionProgress progress =
                progress(new Batch(40, 42, "run", new RecordCounts(1, 2, 3, 7, 8, 0, 4), 5, 6, 9, 10, 11), chunks);
        assertThat(ProgressCodec.decode(ProgressCodec.encode(progress), "here")).isEqualTo(progress);
    }

    @Test
    void aPartitionThatIsOnlyRegisteredHasNoLastBatch() throws Exception {
        PartitionProgress progress = progress(null, List.of());
        assertThat(ProgressCodec.decode(ProgressCodec.encode(progress), "here")).isEqualTo(progress);
    }

    @Property
    void aRecordThatIsCutOffIsUnreadableAndSaysWhere(@ForAll @IntRange(min = 0, max = 200) int length) {
        byte[] whole = ProgressCodec.encode(progress(null, List.of(new ChunkRef(1, 0, 5, 9))));
        byte[] part = Arrays.copyOf(whole, Math.min(length, whole.length - 1));
        assertThatThrownBy(() -> ProgressCodec.decode(part, "readings.state[3] at offset 17"))
                .isInstanceOf(UnreadableProgressException.class)
                .hasMessageContaining("readings.state[3] at offset 17");
    }

    @Test
    void aRecordOfANewerVersionSaysToUpdateTheWorker() {
        byte[] newer = "{\"version\":2}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> ProgressCodec.decode(newer, "here"))
                .hasMessageContaining("version 2")
                .hasMessageContaining("update");
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
