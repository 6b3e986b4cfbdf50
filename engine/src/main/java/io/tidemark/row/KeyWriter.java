package io.tidemark.row;

import io.tidemark.aggregate.GroupValue;
import io.tidemark.job.JobSpec;
import io.tidemark.job.KeyTemplate;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Writes keys by a job's template. The window stands as it is. A group stands as {@link GroupValue#plain}, with '%' and
 * every character of the template's own text percent-encoded, so that two cells never get the same key.
 */
final class KeyWriter {
    private static final int WINDOW = -1;
    private static final int LITERAL = -2;

    private final String[] literals;
    /** For each part of the template: {@link #LITERAL}, {@link #WINDOW}, or the number of a group. */
    private final int[] parts;
    /** Whether each ASCII character is encoded in groups. */
    private final boolean[] encoded = new boolean[0x80];
    /** The other characters that are encoded in groups. */
    private final String encodedBeyondAscii;

    /** A writer for a job that has a template. */
    KeyWriter(JobSpec job) {
        List<KeyTemplate.Part> template = job.output().key().parts();
        parts = new int[template.size()];
        literals = new String[template.size()];
        StringBuilder own = new StringBuilder("%");
        for (int i = 0; i < parts.length; i++) {
            String text = template.get(i).text();
            literals[i] = text;
            if (!template.get(i).isField()) {
                parts[i] = LITERAL;
                own.append(text);
            } else {
                parts[i] = text.equals(job.window().fieldName())
                        ? WINDOW
                        : job.groupNames().indexOf(text);
            }
        }
        own.chars().filter(c -> c < encoded.length).forEach(c -> encoded[c] = true);
        StringBuilder beyond = new StringBuilder();
        own.codePoints().filter(c -> c >= encoded.length).forEach(beyond::appendCodePoint);
        encodedBeyondAscii = beyond.toString();
    }

    /**
     * The key of a cell.
     *
     * @param window the text of its window
     */
    String key(String window, List<GroupValue> groups) {
        StringBuilder key = new StringBuilder();
        for (int i = 0; i < parts.length; i++) {
            switch (parts[i]) {
                case LITERAL -> key.append(literals[i]);
                case WINDOW -> key.append(window);
                default -> encode(groups.get(parts[i]).plain(), key);
            }
        }
        return key.toString();
    }

    private void encode(String text, StringBuilder into) {
        text.codePoints().forEach(c -> {
            if (!isEncoded(c)) {
                into.appendCodePoint(c);
                return;
            }
            for (byte each : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                into.append(String.format(Locale.ROOT, "%%%02X", each));
            }
        });
    }

    private boolean isEncoded(int c) {
        return c < encoded.length ? encoded[c] : encodedBeyondAscii.indexOf(c) >= 0;
    }
}
