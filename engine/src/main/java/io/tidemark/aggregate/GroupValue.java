package io.tidemark.aggregate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.regex.Pattern;

/**
 * One value of a group, typed: the string 7, the number 7 and true are different groups.
 *
 * @param type its type in JSON
 * @param text a string's own text; a number in the form that all numbers of its value share; true or false
 */
public record GroupValue(GroupType type, String text) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

    /** The types that a group may have. */
    public enum GroupType {
        /** A string. */
        STRING('s'),
        /** A number. */
        NUMBER('n'),
        /** True or false. */
        BOOLEAN('b');

        final byte tag;

        GroupType(char tag) {
            this.tag = (byte) tag;
        }

        static GroupType of(byte tag) {
            for (GroupType each : values()) {
                if (each.tag == tag) {
                    return each;
                }
            }
            throw new IllegalArgumentException("a group has a type that is not known: " + tag);
        }
    }

    /**
     * The value as text that differs for all different values. A string is its own text, unless that could be read as a
     * number, true, false or a quoted string; then it is a JSON string, in quotes.
     */
    public String plain() {
        return type == GroupType.STRING && isAmbiguous(text) ? quoted(text) : text;
    }

    /** Reads the form that {@link #plain} writes. */
    public static GroupValue parsePlain(String plain) {
        if (plain.startsWith("\"")) {
            return new GroupValue(GroupType.STRING, unquoted(plain));
        } else if (plain.equals("true") || plain.equals("false")) {
            return new GroupValue(GroupType.BOOLEAN, plain);
        }
        return new GroupValue(NUMBER.matcher(plain).matches() ? GroupType.NUMBER : GroupType.STRING, plain);
    }

    private static boolean isAmbiguous(String text) {
        return text.startsWith("\"")
                || text.equals("true")
                || text.equals("false")
                || NUMBER.matcher(text).matches();
    }

    private static String quoted(String text) {
        try {
            return JSON.writeValueAsString(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("every string can be written as JSON", e);
        }
    }

    private static String unquoted(String json) {
        try {
            return JSON.readValue(json, String.class);
        } catch (JsonProcessingException e) {
            // The cause is dropped, because its message quotes the text.
            throw new IllegalArgumentException("a string in quotes is not a JSON string");
        }
    }
}
