package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.state.ChunkRef.Page;
import io.tidemark.state.PartitionProgress.Batch;
import io.tidemark.testkit.Golden;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Progress records as they are in state topics: version 1 since version 0.1, version 2 since windows close, version 3
 * of the two stages of a run with rows over all partitions.
 */
class GoldenProgressTest {
    private static final PlanIdentity IDENTITY = new PlanIdentity(
            "0f3a9c77e1d2b845", 1, "Yx1eLVjRQfu3mD0g3y0rPA", "a-Z_09AZazAZaz09-_AZaQ", "QmFzZTY0LXVybC1pZC4uLg");

    private static PartitionProgress expected(String file) throws Exception {
        return switch (file) {
            case "progress-v1-registered.json" ->
                new PartitionProgress(
                        IDENTITY,
                        new ObjectMapper().readTree("{\"aggregate\":[{\"name\":\"n\",\"count\":true}]}"),
                        1,
                        0,
                        -1,
                        0,
                        0,
                        Windows.NONE,
                        null,
                        List.of(),
                        List.of());
            case "progress-v1-batch.json" ->
                new PartitionProgress(
                        IDENTITY,
                        new ObjectMapper()
                                .readTree("{\"input\":\"messwerte\",\"groupBy\":[\"gerät.id\"],\"window\":"
                                        + "{\"every\":\"week\",\"zone\":\"Europe/Berlin\"}}"),
                        1_000,
                        Long.MAX_VALUE,
                        Integer.MAX_VALUE,
                        3_000_000_000L,
                        -1,
                        new Windows(Mark.NOTHING_CLOSED, Windows.NO_RECORD, -62_135_596_800_000L),
                        new Batch(
                                9_223_372_036_854_770_000L,
                                Long.MAX_VALUE,
                                "c0ffee00-1234-4abc-8def-0123456789ab",
                                new RecordCounts(1_000, 0, 2, 30, 0, 400, 4_375, 0, 123_456_789_012L, Map.of()),
                                77,
                                0,
                                0,
                                32,
                                253_402_214_399_999L,
                                9_223_372_036_854_769_999L,
                                1_764_294_657_000L,
                                -1),
                        List.of(
                                new ChunkRef(-62_135_596_800_000L, 0, 0, 0),
                                new ChunkRef(-1, 0, 1, -1),
                                new ChunkRef(0, 0, 127, 1),
                                new ChunkRef(0, 1, 3, Integer.MIN_VALUE),
                                new ChunkRef(0, 300, 4_000_000_000_000_000_000L, Integer.MAX_VALUE),
                                new ChunkRef(253_402_300_800_000L, 0, 5, 0x12345678)),
                        List.of());
            case "progress-v1-many-chunks.json" ->
                new PartitionProgress(
                        IDENTITY,
                        new ObjectMapper().readTree("{}"),
                        16,
                        5_222,
                        0,
                        6_000,
                        -1,
                        new Windows(Mark.NOTHING_CLOSED, Windows.NO_RECORD, 1_166_832_000_000L),
                        new Batch(
                                4_384,
                                5_222,
                                "r",
                                new RecordCounts(838, 0, 0, 0, 0, 0, 0, 0, 0, Map.of()),
                                2,
                                0,
                                0,
                                0,
                                -1,
                                -1,
                                1,
                                -1),
                        IntStream.range(0, 1_000)
                                .mapToObj(i -> new ChunkRef(
                                        1_166_832_000_000L + i / 3 * 86_400_000L,
                                        i % 3,
                                        10_000L - i * 7L,
                                        i * 0x9E3779B9))
                                .toList(),
                        List.of());
            case "progress-v2-closed.json" -> closed(Windows.NO_TOTALS, 0, 0, List.of());
            case "progress-v2-pages.json" ->
                closed(
                        1_764_201_600_000L,
                        2_101,
                        109_000,
                        List.of(
                                page(1_764_201_600_000L, 0, 90, "", 700, 30_000),
                                page(1_764_201_600_000L, 2, 110, "s\5ven", 701, 31_000),
                                page(1_764_201_600_000L, 1, 40, "s\5vent", 699, 47_999),
                                page(1_764_288_000_000L, 0, 41, "", 1, 1)));
            // A job of version 0.1 that got close: chunks stay where they are until a batch touches their window.
            case "progress-v2-taken-over.json" ->
                closed(
                        -3_600_000L,
                        5,
                        -1,
                        List.of(
                                new ChunkRef(-3_600_000L, 0, 7, 8),
                                new ChunkRef(0, 0, 9, -10),
                                new ChunkRef(0, 1, 10, 11),
                                page(3_600_000L, 0, 12, "", 2, 90)));
            case "progress-v3-records.json" -> {
                PartitionProgress closed = closed(Windows.NO_TOTALS, 0, 0, List.of());
                yield closed.writing(
                        List.of(0L, 17L, Long.MAX_VALUE), closed.windows().closedBefore());
            }
            case "progress-v3-totals.json" ->
                closed(1_764_201_600_000L, 700, 30_000, List.of(page(1_764_201_600_000L, 0, 90, "", 700, 30_000)))
                        .withInputs(1_000);
            default -> throw new IllegalArgumentException(file);
        };
    }

    private static PartitionProgress closed(long oldest, long cells, long bytes, List<ChunkRef> chunks)
            throws Exception {
        return new PartitionProgress(
                IDENTITY,
                new ObjectMapper().readTree("{\"aggregate\":[{\"name\":\"n\",\"count\":true}]}"),
                1,
                5_222,
                3,
                cells,
                bytes,
                new Windows(-7_200_000L, 1_764_294_657_001L, oldest),
                new Batch(
                        4_384,
                        5_222,
                        "c0ffee00-1234-4abc-8def-0123456789ab",
                        new RecordCounts(830, 0, 1, 0, 7, 0, 0, 0, 99, Map.of()),
                        9,
                        8,
                        2,
                        1,
                        5,
                        4,
                        1_764_294_657_000L,
                        77),
                chunks,
                List.of());
    }

    private static ChunkRef page(long window, int number, long offset, String first, int cells, int bytes) {
        Page page = new Page(first.getBytes(StandardCharsets.UTF_8), cells, bytes);
        return new ChunkRef(window, number, offset, (int) offset * 0x9E3779B9, page);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "progress-v1-registered.json",
                "progress-v1-batch.json",
                "progress-v1-many-chunks.json",
                "progress-v2-closed.json",
                "progress-v2-pages.json",
                "progress-v2-taken-over.json",
                "progress-v3-records.json",
                "progress-v3-totals.json"
            })
    void storedProgressIsReadAndWrittenAgain(String file) throws Exception {
        byte[] stored = Golden.bytes(file);

        assertThat(ProgressCodec.decode(stored)).isEqualTo(expected(file));
        assertThat(new String(ProgressCodec.encode(expected(file)), StandardCharsets.UTF_8))
                .isEqualTo(Golden.text(file));
    }

    @Test
    void fieldsThatALaterVersionAddsAreIgnored() throws Exception {
        String stored = Golden.text("progress-v1-registered.json");
        byte[] later = ("{\"later\":1," + stored.substring(1)).getBytes(StandardCharsets.UTF_8);

        assertThat(ProgressCodec.decode(later)).isEqualTo(expected("progress-v1-registered.json"));
    }
}
