package io.tidemark.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Random JSON objects with few names, so that paths meet them, and ways to spoil them. */
final class JsonTexts {
    private static final String[] NAMES = {"a", "b", "m", "v", "é", "\\u0061", "m", "\\u00e9", "", "a b", "v\\/", "𝄞"};
    private static final String[] SCALARS = {
        "1", "0", "-0", "-1.5", "1e3", "2E-2", "1e+9", "0.10", "239.94", "123456789012345678901234567890",
        "true", "false", "null", "\"\"", "\"x\"", "\"\\n\\\"\\\\\\/\"", "\"\\ud834\\udd1e\"", "\"\\udead\"", "\"é𝄞\"",
                "{}",
        "[]", "\"\\u00e9\\u20ac\""
    };
    private static final String[] SPACES = {"", "", "", "", " ", "\n", "\t\r "};
    private static final String[] SPECIALS = {"é", "𝄞", "\\n", "\\\"", "\\u00e9", "\u007f", "~", "\u0080"};
    private static final byte[] SPOILERS = {
        '"',
        '\\',
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        ' ',
        '0',
        '-',
        '.',
        'e',
        'u',
        't',
        0,
        1,
        0x1F,
        0x7F,
        (byte) 0x80,
        (byte) 0xC0,
        (byte) 0xC3,
        (byte) 0xE0,
        (byte) 0xED,
        (byte) 0xA0,
        (byte) 0xF0,
        (byte) 0xF4,
        (byte) 0x90,
        -1
    };

    private final Random random;
    private final Random scalars;

    JsonTexts(Random random) {
        this(random, random);
    }

    /** Texts that differ only in their scalars, if the first source is the same. */
    JsonTexts(Random random, Random scalars) {
        this.random = random;
        this.scalars = scalars;
    }

    byte[] object() {
        StringBuilder json = new StringBuilder(space());
        object(json, 0);
        return json.append(space()).toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The text with one to three small changes. */
    byte[] spoiled(byte[] json) {
        byte[] bytes = json;
        for (int i = random.nextInt(3); i >= 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            byte[] changed = bytes.clone();
            switch (random.nextInt(5)) {
                case 0 -> changed = Arrays.copyOf(bytes, at);
                case 1 -> changed[at] = SPOILERS[random.nextInt(SPOILERS.length)];
                case 2 -> changed[at] ^= (byte) (1 << random.nextInt(8));
                case 3 -> {
                    changed = Arrays.copyOf(bytes, bytes.length + 1);
                    System.arraycopy(bytes, at, changed, at + 1, bytes.length - at);
                    changed[at] = SPOILERS[random.nextInt(SPOILERS.length)];
                }
                default -> {
                    changed = Arrays.copyOf(bytes, bytes.length - 1);
                    System.arraycopy(bytes, at + 1, changed, at, bytes.length - at - 1);
                }
            }
            bytes = changed;
        }
        return bytes;
    }

    private void object(StringBuilder json, int depth) {
        json.append('{').append(space());
        int members = random.nextInt(6);
        for (int i = 0; i < members; i++) {
            json.append(i == 0 ? "" : ",").append(space());
            json.append('"').append(pick(NAMES)).append('"').append(space()).append(':');
            value(json, depth);
        }
        json.append('}');
    }

    private void value(StringBuilder json, int depth) {
        json.append(space());
        int kind = depth > 3 ? 9 : random.nextInt(10);
        if (kind < 2) {
            object(json, depth + 1);
        } else if (kind < 4) {
            json.append('[').append(space());
            int elements = random.nextInt(4);
            for (int i = 0; i < elements; i++) {
                json.append(i == 0 ? "" : ",");
                value(json, depth + 1);
            }
            json.append(']');
        } else {
            json.append(scalar());
        }
        json.append(space());
    }

    private String scalar() {
        return switch (scalars.nextInt(8)) {
            case 0, 1, 2 -> SCALARS[scalars.nextInt(SCALARS.length)];
            case 3 -> Integer.toString(scalars.nextInt(100_000));
            case 4 -> Double.toString(scalars.nextInt(1_000_000) / 1000.0);
            case 5 -> Double.toString(scalars.nextDouble());
            // Strings of all lengths, sometimes with something in them that is not plain.
            default -> {
                StringBuilder text = new StringBuilder("x".repeat(scalars.nextInt(20)));
                if (scalars.nextInt(3) == 0) {
                    text.insert(scalars.nextInt(text.length() + 1), SPECIALS[scalars.nextInt(SPECIALS.length)]);
                }
                yield '"' + text.toString() + '"';
            }
        };
    }

    private String space() {
        return pick(SPACES);
    }

    private String pick(String[] from) {
        return from[random.nextInt(from.length)];
    }
}
