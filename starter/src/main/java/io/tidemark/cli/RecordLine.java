package io.tidemark.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.tidemark.job.InputSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line of {@code try --records}: a JSON object with the key, the headers and the value of a record, such as <code>
 * {"key": "d1", "headers": {"tenant": "a"}, "value": {"celsius": 21}}</code>. Key and value get the bytes that the line has.
 *
 * @param key null if the record has no key
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RecordLine(byte @Nullable [] key, Map<String, byte @Nullable []> headers, byte[] value) {

    private static final JsonFactory JSON = new JsonFactory();

    /** The form of a line, for messages. */
    static final String FORM = "{\"key\": …, \"headers\": {…}, \"value\": {…}}";

    /** Is thrown for a line that has another form; the message says what is wrong. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String problem) {
            super(problem);
        }
    }

    /** Reads a line. */
    static RecordLine of(byte[] bytes, int from, int length, InputSpec.Key form) throws Refused {
        byte[] key = null;
        byte[] value = null;
        Map<String, byte @Nullable []> headers = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(bytes, from, length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new Refused("is not an object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                switch (name) {
                    case "key" -> key = key(json, bytes, from, form);
                    case "headers" -> readHeaders(json, headers);
                    case "value" -> value = raw(json, bytes, from);
                    default -> throw new Refused("has the unknown field '" + name + "'");
                }
            }
            if (json.nextToken() != null) {
                throw new Refused("has something after the object");
            }
        } catch (JsonProcessingException e) {
            // Its message quotes the line.
            throw new Refused("is not JSON");
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can be read", e);
        }
        if (value == null) {
            throw new Refused("has no value");
        }
        return new RecordLine(key, headers, value);
    }

    private static byte @Nullable [] key(JsonParser json, byte[] bytes, int from, InputSpec.Key form)
            throws IOException, Refused {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        return switch (form) {
            case JSON -> raw(json, bytes, from);
            case STRING -> {
                if (json.currentToken() != JsonToken.VALUE_STRING) {
                    throw new Refused("has a key that is not a string");
                }
                yield json.getText().getBytes(StandardCharsets.UTF_8);
            }
            case LONG -> {
                if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                    throw new Refused("has a key that is not a whole number");
                }
                yield ByteBuffer.allocate(Long.BYTES)
                        .putLong(json.getLongValue())
                        .array();
            }
        };
    }

    private static void readHeaders(JsonParser json, Map<String, byte @Nullable []> headers)
            throws IOException, Refused {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new Refused("has headers that are not an object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken token = json.nextToken();
            if (token != JsonToken.VALUE_STRING && token != JsonToken.VALUE_NULL) {
                throw new Refused("has a header that is neither a string nor null");
            }
            headers.put(
                    name, token == JsonToken.VALUE_NULL ? null : json.getText().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The bytes of the value that begins at the current token. */
    private static byte[] raw(JsonParser json, byte[] bytes, int from) throws IOException {
        long start = json.currentTokenLocation().getByteOffset();
        json.skipChildren();
        // A string and a number are parsed only when they are asked for.
        json.finishToken();
        long end = json.currentLocation().getByteOffset();
        return Arrays.copyOfRange(bytes, from + (int) start, from + (int) end);
    }
}
