package io.tidemark.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.number.Varint;
import io.tidemark.state.PartitionProgress.Batch;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The progress record as bytes: JSON, so that a person can read it with any consumer. Only the list of chunks is packed
 * ({@link ChunkList}), because it grows with every window.
 *
 * <p>Version 2 adds closed windows, the watermark, and pages. It is written only where version 1 cannot say the same, so
 * that a job that does not need it can go back to an older worker. Version 3 adds what jobs with two stages need.
 */
public final class ProgressCodec {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ProgressCodec() {}

    /** The bytes of a record. */
    public static byte[] encode(PartitionProgress progress) {
        int version = progress.version();
        ObjectNode json = JSON.createObjectNode().put("version", version);
        PlanIdentity identity = progress.identity();
        json.put("through", progress.through()).put("leaderEpoch", progress.leaderEpoch());
        if (version > 1) {
            Windows windows = progress.windows();
            putUnless(Mark.NOTHING_CLOSED, json, "closedBefore", windows.closedBefore());
            putUnless(Windows.NO_RECORD, json, "watermark", windows.watermark());
            putUnless(Windows.NO_TOTALS, json, "oldest", windows.oldest());
            if (windows.rowless()) {
                json.put("rowless", true);
            }
            putUnless(-1, json, "bytes", progress.bytes());
        }
        json.put("cells", progress.cells())
                .put("fingerprint", identity.fingerprint())
                .put("generation", identity.generation())
                .put("inputId", identity.inputId())
                .put("outputId", identity.outputId())
                .put("stateId", identity.stateId())
                .put("partitionsPerSlice", progress.partitionsPerSlice())
                .set("job", progress.meaning());
        putUnless(0, json, "inputs", identity.inputs());
        if (!progress.partialsEnd().isEmpty()) {
            progress.partialsEnd().forEach(json.putArray("partialsEnd")::add);
        }
        Batch last = progress.last();
        if (last != null) {
            ObjectNode batch = json.putObject("last")
                    .put("from", last.from())
                    .put("to", last.to())
                    .put("run", last.runId())
                    .put("folded", last.counts().folded())
                    .put("deadLettered", last.counts().deadLettered())
                    .put("skipped", last.counts().skipped())
                    .put("invisible", last.counts().invisible())
                    .put("lost", last.counts().lost())
                    .put("bytes", last.counts().bytes())
                    .put("rows", last.rows())
                    .put("badInRun", last.badInRun())
                    .put("newest", last.newest())
                    .put("logStart", last.logStart())
                    .put("at", last.at());
            if (last.counts().filtered() > 0) {
                batch.put("filtered", last.counts().filtered());
            }
            if (last.outputEnd() >= 0) {
                batch.put("outputEnd", last.outputEnd());
            }
            putUnless(0, batch, "late", last.counts().late());
            if (!last.counts().reasons().isEmpty()) {
                last.counts().reasons().forEach(batch.putObject("reasons")::put);
            }
            putUnless(0, batch, "finalRows", last.finalRows());
            putUnless(0, batch, "closedWindows", last.closedWindows());
        }
        json.put("chunks", Base64.getEncoder().encodeToString(ChunkList.pack(progress.chunks(), version)));
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("writing to memory does not fail", e);
        }
    }

    /**
     * Reads a record back.
     *
     * @throws UnreadableProgressException if the bytes are not a record of a known version. The message continues "the
     *     progress record"; its caller knows where the record is
     */
    public static PartitionProgress decode(byte[] bytes) throws UnreadableProgressException {
        return decode(bytes, true);
    }

    /** The same without the chunks, which are most of a record's size. */
    public static PartitionProgress decodeWithoutChunks(byte[] bytes) throws UnreadableProgressException {
        return decode(bytes, false);
    }

    private static PartitionProgress decode(byte[] bytes, boolean chunks) throws UnreadableProgressException {
        JsonNode json;
        try {
            json = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new UnreadableProgressException("is not JSON", e);
        } catch (IOException e) {
            throw new UnreadableProgressException("cannot be read", e);
        }
        int version = json.path("version").asInt(-1);
        if (version < 1 || version > PartitionProgress.VERSION) {
            throw new UnreadableProgressException(
                    "has version " + version + " and this worker knows versions up to " + PartitionProgress.VERSION
                            + "; a newer worker wrote it: update this one",
                    null);
        }
        try {
            PlanIdentity identity = new PlanIdentity(
                    text(json, "fingerprint"),
                    number(json, "generation"),
                    text(json, "inputId"),
                    text(json, "outputId"),
                    text(json, "stateId"),
                    null,
                    (int) number(json, "inputs", 0));
            JsonNode last = json.get("last");
            Batch batch = last == null
                    ? null
                    : new Batch(
                            number(last, "from"),
                            number(last, "to"),
                            text(last, "run"),
                            new RecordCounts(
                                    number(last, "folded"),
                                    last.has("filtered") ? number(last, "filtered") : 0,
                                    number(last, "deadLettered"),
                                    number(last, "skipped"),
                                    number(last, "late", 0),
                                    number(last, "invisible"),
                                    number(last, "lost"),
                                    0,
                                    number(last, "bytes"),
                                    reasons(last.path("reasons"))),
                            number(last, "rows"),
                            number(last, "finalRows", 0),
                            number(last, "closedWindows", 0),
                            number(last, "badInRun"),
                            number(last, "newest"),
                            number(last, "logStart"),
                            number(last, "at"),
                            number(last, "outputEnd", -1));
            String packed = text(json, "chunks");
            long oldest = version > 1 ? number(json, "oldest", Windows.NO_TOTALS) : ChunkList.oldest(start(packed));
            return new PartitionProgress(
                    identity,
                    json.required("job"),
                    (int) number(json, "partitionsPerSlice"),
                    number(json, "through"),
                    (int) number(json, "leaderEpoch"),
                    number(json, "cells"),
                    version > 1 ? number(json, "bytes", -1) : oldest == Windows.NO_TOTALS ? 0 : -1,
                    new Windows(
                            number(json, "closedBefore", Mark.NOTHING_CLOSED),
                            number(json, "watermark", Windows.NO_RECORD),
                            oldest,
                            json.path("rowless").asBoolean()),
                    batch,
                    chunks ? ChunkList.unpack(Base64.getDecoder().decode(packed), version) : null,
                    numbers(json.path("partialsEnd")));
        } catch (IllegalArgumentException | ArithmeticException | BufferUnderflowException e) {
            throw new UnreadableProgressException("is damaged: " + e.getMessage(), e);
        }
    }

    /** Returns the beginning of the list of chunks, which is enough for {@link ChunkList#oldest}. */
    private static byte[] start(String packed) {
        // Base64 has three bytes in four characters.
        int characters = 4 * ((2 * Varint.MAX_BYTES + 2) / 3);
        return Base64.getDecoder().decode(packed.substring(0, Math.min(packed.length(), characters)));
    }

    private static void putUnless(long absent, ObjectNode json, String name, long value) {
        if (value != absent) {
            json.put(name, value);
        }
    }

    private static long number(JsonNode json, String name, long absent) {
        return json.has(name) ? number(json, name) : absent;
    }

    private static List<Long> numbers(JsonNode array) {
        List<Long> numbers = new ArrayList<>();
        array.forEach(each -> numbers.add(each.longValue()));
        return numbers;
    }

    private static Map<String, Long> reasons(JsonNode object) {
        Map<String, Long> reasons = new TreeMap<>();
        object.fieldNames().forEachRemaining(each -> reasons.put(each, number(object, each)));
        return reasons;
    }

    private static String text(JsonNode json, String name) {
        return json.required(name).asText();
    }

    private static long number(JsonNode json, String name) {
        JsonNode value = json.required(name);
        if (!value.canConvertToLong()) {
            throw new IllegalArgumentException("'" + name + "' is not a whole number");
        }
        return value.longValue();
    }
}
