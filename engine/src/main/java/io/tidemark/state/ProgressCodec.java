package io.tidemark.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.number.Varint;
import io.tidemark.state.PartitionProgress.Batch;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * The progress record as bytes: JSON, so that a person can read it with any consumer. Only the list of chunks is
 * packed, because it grows with every window: differences as varints, about 9 bytes a chunk, in Base64.
 */
public final class ProgressCodec {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ProgressCodec() {}

    /** The bytes of a record. */
    public static byte[] encode(PartitionProgress progress) {
        ObjectNode json = JSON.createObjectNode().put("version", PartitionProgress.VERSION);
        PlanIdentity identity = progress.identity();
        json.put("through", progress.through())
                .put("leaderEpoch", progress.leaderEpoch())
                .put("cells", progress.cells())
                .put("fingerprint", identity.fingerprint())
                .put("generation", identity.generation())
                .put("inputId", identity.inputId())
                .put("outputId", identity.outputId())
                .put("stateId", identity.stateId())
                .put("partitionsPerSlice", progress.partitionsPerSlice())
                .set("job", progress.meaning());
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
            if (last.outputEnd() >= 0) {
                batch.put("outputEnd", last.outputEnd());
            }
        }
        json.put("chunks", Base64.getEncoder().encodeToString(pack(progress.chunks())));
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("writing to memory does not fail", e);
        }
    }

    /**
     * Reads a record back.
     *
     * @throws UnreadableProgressException if the bytes are not a record of this version. The message continues "the
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
        if (version != PartitionProgress.VERSION) {
            throw new UnreadableProgressException(
                    "has version " + version + " and this worker knows version " + PartitionProgress.VERSION
                            + "; a newer worker wrote it: update this one",
                    null);
        }
        try {
            PlanIdentity identity = new PlanIdentity(
                    text(json, "fingerprint"),
                    number(json, "generation"),
                    text(json, "inputId"),
                    text(json, "outputId"),
                    text(json, "stateId"));
            JsonNode last = json.get("last");
            Batch batch = last == null
                    ? null
                    : new Batch(
                            number(last, "from"),
                            number(last, "to"),
                            text(last, "run"),
                            new RecordCounts(
                                    number(last, "folded"),
                                    number(last, "deadLettered"),
                                    number(last, "skipped"),
                                    number(last, "invisible"),
                                    number(last, "lost"),
                                    0,
                                    number(last, "bytes")),
                            number(last, "rows"),
                            number(last, "badInRun"),
                            number(last, "newest"),
                            number(last, "logStart"),
                            number(last, "at"),
                            last.has("outputEnd") ? number(last, "outputEnd") : -1);
            return new PartitionProgress(
                    identity,
                    json.required("job"),
                    (int) number(json, "partitionsPerSlice"),
                    number(json, "through"),
                    (int) number(json, "leaderEpoch"),
                    number(json, "cells"),
                    batch,
                    chunks ? unpack(Base64.getDecoder().decode(text(json, "chunks"))) : null);
        } catch (IllegalArgumentException | ArithmeticException | BufferUnderflowException e) {
            throw new UnreadableProgressException("is damaged: " + e.getMessage(), e);
        }
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

    private static byte[] pack(List<ChunkRef> chunks) {
        byte[] bytes = new byte[Varint.MAX_BYTES + chunks.size() * (3 * Varint.MAX_BYTES + Integer.BYTES)];
        int at = Varint.write(chunks.size(), bytes, 0);
        long window = 0;
        long offset = 0;
        for (ChunkRef each : chunks) {
            at = Varint.write(zigZag(each.window() - window), bytes, at);
            at = Varint.write(each.number(), bytes, at);
            at = Varint.write(zigZag(each.offset() - offset), bytes, at);
            ByteBuffer.wrap(bytes).putInt(at, each.checksum());
            at += Integer.BYTES;
            window = each.window();
            offset = each.offset();
        }
        return Arrays.copyOf(bytes, at);
    }

    private static List<ChunkRef> unpack(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long size = Varint.read(in);
        List<ChunkRef> chunks = new ArrayList<>();
        long window = 0;
        long offset = 0;
        for (long i = 0; i < size; i++) {
            window += unZigZag(Varint.read(in));
            int number = Math.toIntExact(Varint.read(in));
            offset += unZigZag(Varint.read(in));
            chunks.add(new ChunkRef(window, number, offset, in.getInt()));
        }
        if (in.hasRemaining()) {
            throw new IllegalArgumentException("the list of chunks has bytes left over");
        }
        return chunks;
    }

    /** Maps small numbers of either sign to small unsigned numbers, like Protocol Buffers. */
    private static long zigZag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    private static long unZigZag(long value) {
        return (value >>> 1) ^ -(value & 1);
    }
}
