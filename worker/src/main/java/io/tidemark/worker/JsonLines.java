package io.tidemark.worker;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.event.KeyValuePair;

/**
 * Writes each event of the log as one line of flat JSON: {@code time} (UTC), {@code level}, {@code logger}, {@code thread},
 * {@code message}, the event's key-value pairs, the context of the thread, and {@code exception} with its stack trace.
 * Logback's own {@code JsonEncoder} nests the pairs in a list, in which log stores do not search.
 */
public final class JsonLines extends EncoderBase<ILoggingEvent> {
    private static final byte[] NOTHING = {};

    /** Names of the Temporal SDK's context, and the names here. The others of the SDK repeat these. */
    private static final List<Map.Entry<String, String>> OF_THE_SDK = List.of(
            Map.entry("RunId", "run"),
            Map.entry("WorkflowId", "workflow"),
            Map.entry("ActivityType", "activity"),
            Map.entry("Attempt", "attempt"));

    private final JsonFactory json = new JsonFactory();
    private final ThrowableProxyConverter stackTraces = new ThrowableProxyConverter();

    @Override
    public void start() {
        stackTraces.start();
        super.start();
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = json.createGenerator(bytes)) {
            out.writeStartObject();
            for (Map.Entry<String, Object> each : fields(event).entrySet()) {
                if (each.getValue() instanceof Long || each.getValue() instanceof Integer) {
                    out.writeNumberField(each.getKey(), ((Number) each.getValue()).longValue());
                } else {
                    out.writeStringField(each.getKey(), String.valueOf(each.getValue()));
                }
            }
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        bytes.writeBytes("\n".getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    /** Returns the fields in their order. An event cannot replace those that every line has. */
    private Map<String, Object> fields(ILoggingEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        Instant time = event.getInstant();
        fields.put("time", String.valueOf(time == null ? Instant.ofEpochMilli(event.getTimeStamp()) : time));
        fields.put("level", event.getLevel().toString());
        fields.put("logger", event.getLoggerName());
        fields.put("thread", event.getThreadName());
        fields.put("message", event.getFormattedMessage());
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            for (KeyValuePair each : pairs) {
                fields.putIfAbsent(each.key, each.value);
            }
        }
        Map<String, String> context = event.getMDCPropertyMap();
        // Names of the worker itself first: its run is the run of the job, the SDK's that of the workflow at hand.
        context.forEach((name, value) -> {
            if (!value.isEmpty() && Character.isLowerCase(name.charAt(0))) {
                fields.putIfAbsent(name, value);
            }
        });
        for (Map.Entry<String, String> each : OF_THE_SDK) {
            String value = context.get(each.getKey());
            if (value != null) {
                fields.putIfAbsent(each.getValue(), each.getKey().equals("Attempt") ? number(value) : value);
            }
        }
        if (event.getThrowableProxy() != null) {
            fields.put("exception", stackTraces.convert(event));
        }
        return fields;
    }

    private static Object number(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            return text;
        }
    }
}
