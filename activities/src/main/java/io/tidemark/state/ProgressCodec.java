package io.tidemark.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PlanIdentity;
import io.tidemark.run.RecordCounts;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress.Batch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The progress record as bytes: JSON, so that a person can read it with any consumer, but for the list of chunks, which
 * is packed (differences as varints, about 9 bytes a chunk) because it grows with every window.
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
            json.putObject("last")
                    .put("from", last.from())
                    .put("to", last.to())
                    .put("run", last.runId())
                    .put("folded", last.counts().folded())
                    .put("deadLettered", last.counts().deadLettered())
                    .put("skipped", last.counts().skipped())
                    .put("bytes", last.counts().bytes())
                    .put("rows", last.rows())
                    .put("badInRun", last.badInRun());
        }
        try {
            json.put("chunks", Base64.getEncoder().encodeToString(pack(progress.chunks())));
            return JSON.writeValueAsBytes(json);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory does not fail", e);
        }
    }

    /**
     * Reads a record back.
     *
     * @param where for messages, such as {@code tidemark.readings.state[3] at offset 17}
     * @throws TidemarkException STATE_UNREADABLE
     */
    public static PartitionProgress decode(byte[] bytes, String where) {
        JsonNode json;
        try {
            json = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw unreadable(where, "is not JSON", e);
        } catch (IOException e) {
            throw unreadable(where, "cannot be read", e);
        }
        int version = json.path("version").asInt(-1);
        if (version != PartitionProgress.VERSION) {
            throw unreadable(
                    where,
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
                                    number(last, "bytes")),
                            number(last, "rows"),
                            number(last, "badInRun"));
            return new PartitionProgress(
                    identity,
                    json.required("job"),
                    (int) number(json, "partitionsPerSlice"),
                    number(json, "through"),
                    (int) number(json, "leaderEpoch"),
                    number(json, "cells"),
                    batch,
                    unpack(Base64.getDecoder().decode(text(json, "chunks"))));
        } catch (IllegalArgumentException | IOException e) {
            throw unreadable(where, "is damaged: " + e.getMessage(), e);
        }
    }

    private static TidemarkException unreadable(String where, String problem, @Nullable Throwable cause) {
        String message = "the progress record in " + where + " " + problem;
        return cause == null
                ? new TidemarkException(FailureKind.STATE_UNREADABLE, message)
                : new TidemarkException(FailureKind.STATE_UNREADABLE, message, cause);
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

    private static byte[] pack(List<ChunkRef> chunks) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        Varints.write(out, chunks.size());
        long window = 0;
        long offset = 0;
        for (ChunkRef each : chunks) {
            Varints.write(out, each.window() - window);
            Varints.write(out, each.number());
            Varints.write(out, each.offset() - offset);
            out.writeInt(each.checksum());
            window = each.window();
            offset = each.offset();
        }
        return bytes.toByteArray();
    }

    private static List<ChunkRef> unpack(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        int size = (int) Varints.read(in);
        List<ChunkRef> chunks = new ArrayList<>(Math.min(size, bytes.length));
        long window = 0;
        long offset = 0;
        for (int i = 0; i < size; i++) {
            window += Varints.read(in);
            int number = (int) Varints.read(in);
            offset += Varints.read(in);
            chunks.add(new ChunkRef(window, number, offset, in.readInt()));
        }
        return chunks;
    }
}
