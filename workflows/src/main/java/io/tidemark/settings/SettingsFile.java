package io.tidemark.settings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the lines of a settings file. It takes files for librdkafka, where a backslash is a character like any other, and
 * files for Java, where it begins an escape or continues a line. What decides between the two is written beside each rule,
 * and in docs/reference/settings.md.
 */
final class SettingsFile {
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_.-]+(?:\\[[A-Za-z0-9_.-]+])?");

    /** A key that may be printed: a part of a secret or of a certificate has other characters. */
    private static final Pattern PRINTABLE = Pattern.compile("[a-z][a-z0-9_.\\[\\]-]{1,80}");

    /** What {@code Properties.store} escapes, where a backslash of a person is unlikely. */
    private static final Pattern ESCAPED_MARKS = Pattern.compile("(?:[^\\\\]++|\\\\[\\\\:=#! ])*");

    /** Every escape that {@code Properties.store} writes. */
    private static final Pattern ESCAPED = Pattern.compile("(?:[^\\\\]++|\\\\[\\\\:=#! tnrf]|\\\\u[0-9a-fA-F]{4})*");

    private final String file;
    private final List<String> lines;
    private int next;

    private SettingsFile(String file, List<String> lines) {
        this.file = file;
        this.lines = lines;
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is not text or a line has no key; the message names file and line
     */
    static List<Setting> read(Path file) throws IOException {
        List<Setting> raw = new SettingsFile(file.toString(), text(file).lines().toList()).settings();
        boolean java = raw.stream().anyMatch(SettingsFile::isWrittenByJava);
        return raw.stream().map(each -> unescaped(each, java)).toList();
    }

    private static String text(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        // PowerShell writes UTF-16 with a byte-order mark, other editors on Windows UTF-8 with one.
        Charset charset = StandardCharsets.UTF_8;
        if (bytes.length >= 2 && bytes[0] == (byte) 0xFF && bytes[1] == (byte) 0xFE) {
            charset = StandardCharsets.UTF_16LE;
        } else if (bytes.length >= 2 && bytes[0] == (byte) 0xFE && bytes[1] == (byte) 0xFF) {
            charset = StandardCharsets.UTF_16BE;
        }
        try {
            String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + ": is not a text file in UTF-8; save it as UTF-8", e);
        }
    }

    private List<Setting> settings() {
        List<Setting> settings = new ArrayList<>();
        while (next < lines.size()) {
            String where = file + ":" + (next + 1);
            String line = lines.get(next++).strip();
            if (isNothing(line)) {
                continue;
            }
            int separator = separator(line);
            if (line.endsWith(":") && separator == line.length() - 1) {
                throw new IllegalArgumentException(
                        where + ": is not of the form key=value; YAML is not read, write spring.kafka.…=value");
            }
            if (separator < 0) {
                // The message does not contain the line, because it may be a part of a secret.
                throw new IllegalArgumentException(where + ": is not of the form key=value");
            }
            String key = line.substring(0, separator).strip();
            boolean jaas = key.endsWith("sasl.jaas.config");
            Setting setting =
                    Setting.of(key, whole(jaas, line.substring(separator + 1).strip()), where);
            settings.add(PRINTABLE.matcher(key).matches() ? setting : setting.withKey("a setting"));
        }
        return settings;
    }

    private static boolean isNothing(String line) {
        return line.isEmpty() || line.startsWith("#") || line.startsWith("!");
    }

    /** Returns the index of the separator after the key, or -1 if the line has none. */
    private static int separator(String line) {
        Matcher key = KEY.matcher(line);
        if (!key.lookingAt()) {
            return -1;
        }
        int end = key.end();
        int mark = end;
        while (mark < line.length() && Character.isWhitespace(line.charAt(mark))) {
            mark++;
        }
        if (mark < line.length() && (line.charAt(mark) == '=' || line.charAt(mark) == ':')) {
            return mark;
        }
        // Java also takes "key value". Only a known key is one, because any other line may be a part of a secret.
        return mark > end && mark < line.length() && KafkaSettingNames.isKnown(KafkaSettingNames.resolved(key.group()))
                ? end
                : -1;
    }

    private static boolean isSetting(String line) {
        int separator = separator(line);
        return separator >= 0
                && KafkaSettingNames.isKnown(
                        KafkaSettingNames.resolved(line.substring(0, separator).strip()));
    }

    /** Adds the following lines that belong to the value. */
    private String whole(boolean jaas, String first) {
        StringBuilder value = new StringBuilder(first);
        while (next < lines.size()) {
            String line = lines.get(next).strip();
            if (isOpenPem(value)) {
                // A certificate or key that was pasted as it is.
                value.append(endsWithBackslash(value) ? "" : "\n");
            } else if (isNothing(line) || isSetting(line)) {
                // A backslash at the end of a password, before the next setting, is a part of the password.
                break;
            } else if (jaas && !value.toString().endsWith(";")) {
                value.append(endsWithBackslash(value) ? "" : " ");
            } else if (!endsWithBackslash(value)) {
                break;
            }
            if (endsWithBackslash(value)) {
                value.setLength(value.length() - 1);
            }
            value.append(line);
            next++;
        }
        return value.toString();
    }

    private static boolean isOpenPem(CharSequence value) {
        String text = value.toString();
        return text.lastIndexOf("-----BEGIN ") > text.lastIndexOf("-----END ");
    }

    /** An even number of backslashes is a number of escaped ones. */
    private static boolean endsWithBackslash(CharSequence value) {
        int count = 0;
        while (count < value.length() && value.charAt(value.length() - 1 - count) == '\\') {
            count++;
        }
        return count % 2 == 1;
    }

    /**
     * Returns whether {@code Properties.store} wrote the setting. It puts a backslash before each colon, and an address, a
     * path on Windows and a URL contain a colon.
     */
    private static boolean isWrittenByJava(Setting setting) {
        return (setting.name().equals("bootstrap.servers")
                        || isPath(setting.name())
                        || setting.name().endsWith(".url"))
                && setting.value().contains("\\:")
                && ESCAPED.matcher(setting.value()).matches();
    }

    private static boolean isPath(String name) {
        return name.endsWith(".location") || name.endsWith(".file");
    }

    private static Setting unescaped(Setting setting, boolean java) {
        String value = setting.value();
        if (value.indexOf('\\') < 0) {
            return setting;
        }
        boolean escaped = value.contains("-----BEGIN ")
                || (isPath(setting.name()) && ESCAPED_MARKS.matcher(value).matches())
                || (java && ESCAPED.matcher(value).matches());
        return escaped ? setting.with(unescaped(value)) : setting;
    }

    private static String unescaped(String value) {
        StringBuilder plain = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c != '\\' || i + 1 == value.length()) {
                plain.append(c);
                continue;
            }
            char escape = value.charAt(++i);
            switch (escape) {
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                case 't' -> plain.append('\t');
                case 'f' -> plain.append('\f');
                case 'u' -> {
                    String digits = value.substring(i + 1, Math.min(i + 5, value.length()));
                    if (digits.matches("[0-9a-fA-F]{4}")) {
                        plain.append((char) Integer.parseInt(digits, 16));
                        i += 4;
                    } else {
                        plain.append(escape);
                    }
                }
                default -> plain.append(escape);
            }
        }
        return plain.toString();
    }
}
