package io.tidemark.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tidemark.json.FieldPath.Step;
import io.tidemark.json.FieldValues.FieldType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** What {@link FieldScanner} must find, by Jackson's streaming parser: the same rule for when to stop, nothing clever. */
final class JacksonScan {
    private static final JsonFactory JACKSON = new JsonFactory();

    final FieldType[] types;
    final String[] texts;
    private final byte[] json;
    private final List<Target> all = new ArrayList<>();
    private final JsonParser parser;
    private int remaining;

    private record Target(int field, List<Step> steps) {
        boolean isLeaf() {
            return steps.isEmpty();
        }

        Target below() {
            return new Target(field, steps.subList(1, steps.size()));
        }
    }

    private JacksonScan(byte[] json, List<FieldPath> paths) throws IOException {
        this.json = json;
        types = new FieldType[paths.size()];
        texts = new String[paths.size()];
        Arrays.fill(types, FieldType.MISSING);
        for (int i = 0; i < paths.size(); i++) {
            all.add(new Target(i, paths.get(i).steps()));
        }
        remaining = all.size();
        parser = JACKSON.createParser(json);
    }

    /** Scans a record; fails with any IOException where it is not JSON as far as it must be read. */
    static JacksonScan scan(byte[] json, List<FieldPath> paths) throws IOException {
        for (int i = 0; i < Math.min(4, json.length); i++) {
            if (json[i] == 0 || json[i] == (byte) 0xEF || json[i] == (byte) 0xFE || json[i] == (byte) 0xFF) {
                throw new IOException("Jackson would guess at another encoding or skip a byte order mark");
            }
        }
        JacksonScan scan = new JacksonScan(json, paths);
        if (scan.parser.nextToken() != JsonToken.START_OBJECT) {
            throw new IOException("not an object");
        }
        if (!scan.object(scan.all) && scan.parser.nextToken() != null) {
            throw new IOException("something follows");
        }
        // Jackson takes overlong and surrogate forms.
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json, 0, scan.position()));
        return scan;
    }

    private int position() {
        return (int) parser.currentLocation().getByteOffset();
    }

    private boolean object(List<Target> targets) throws IOException {
        Set<String> seen = new HashSet<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            boolean first = seen.add(name);
            parser.nextToken();
            if (value(below(
                    targets, step -> first && step.position() < 0 && step.name().equals(name)))) {
                return true;
            }
        }
        return false;
    }

    private boolean array(List<Target> targets) throws IOException {
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            int position = i;
            if (value(below(targets, step -> step.position() == position))) {
                return true;
            }
        }
        return false;
    }

    private static List<Target> below(List<Target> targets, Predicate<Step> matches) {
        return targets.stream()
                .filter(each -> !each.isLeaf() && matches.test(each.steps().get(0)))
                .map(Target::below)
                .toList();
    }

    private boolean value(List<Target> targets) throws IOException {
        int before = remaining;
        JsonToken token = parser.currentToken();
        boolean container = token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY;
        if (!container) {
            parser.finishToken();
            int next = position();
            if (token != JsonToken.VALUE_STRING && (next >= json.length || " \t\r\n,]}".indexOf(json[next]) < 0)) {
                throw new IOException("the token does not end here");
            }
        }
        for (Target each : targets) {
            if (each.isLeaf()) {
                types[each.field()] = type(token);
                texts[each.field()] = container ? "" : parser.getText();
                if (container && --remaining == 0) {
                    return true;
                }
            }
        }
        if (container) {
            boolean deeper = targets.stream().anyMatch(each -> !each.isLeaf());
            if (!deeper) {
                parser.skipChildren();
                if (parser.currentToken() == token) {
                    throw new IOException("ends too early");
                }
            } else if (token == JsonToken.START_OBJECT ? object(targets) : array(targets)) {
                return true;
            }
        }
        remaining = before - targets.size();
        return !targets.isEmpty() && remaining == 0;
    }

    private static FieldType type(JsonToken token) {
        return switch (token) {
            case VALUE_STRING -> FieldType.STRING;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> FieldType.NUMBER;
            case VALUE_TRUE -> FieldType.TRUE;
            case VALUE_FALSE -> FieldType.FALSE;
            case VALUE_NULL -> FieldType.NULL;
            case START_OBJECT -> FieldType.OBJECT;
            case START_ARRAY -> FieldType.ARRAY;
            default -> throw new IllegalStateException(token.name());
        };
    }
}
