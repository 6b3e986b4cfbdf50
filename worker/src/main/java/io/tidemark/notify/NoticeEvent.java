package io.tidemark.notify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.run.Notice;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Writes a notice as a CloudEvent 1.0 in structured JSON. docs/reference/events.md describes it. */
final class NoticeEvent {
    static final String CONTENT_TYPE = "application/cloudevents+json";

    private static final ObjectMapper JSON = new ObjectMapper();

    private NoticeEvent() {}

    /** Returns the id of the event, the same for each attempt to deliver it. */
    static String id(Notice notice) {
        return notice.runId() + "-" + Webhook.name(notice.type());
    }

    static byte[] write(Notice notice) {
        ObjectNode event = JSON.createObjectNode();
        event.put("specversion", "1.0");
        event.put("id", id(notice));
        event.put("source", "/tidemark/" + notice.namespace());
        event.put("type", "io.tidemark.run." + Webhook.name(notice.type()));
        event.put("subject", notice.job().isEmpty() ? notice.workflowId() : notice.job());
        event.put("time", time(notice.at()));
        event.put("datacontenttype", "application/json");
        ObjectNode data = event.putObject("data");
        put(data, "job", notice.job().isEmpty() ? null : notice.job());
        data.put("namespace", notice.namespace());
        data.put("workflowId", notice.workflowId());
        data.put("runId", notice.runId());
        put(data, "schedule", notice.schedule());
        putTime(data, "nominalTime", notice.nominal());
        putTime(data, "startedAt", notice.startedAt());
        putTime(data, "deadline", notice.deadline());
        put(data, "kind", notice.kind());
        put(data, "message", notice.message());
        notice.warnings().forEach(data.withArray("warnings")::add);
        if (notice.work() != null) {
            data.set("work", JSON.valueToTree(notice.work()));
        }
        try {
            return JSON.writeValueAsBytes(event);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON can be written", e);
        }
    }

    private static void put(ObjectNode data, String name, @Nullable String value) {
        if (value != null) {
            data.put(name, value);
        }
    }

    private static void putTime(ObjectNode data, String name, long millis) {
        put(data, name, millis == 0 ? null : time(millis));
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }
}
