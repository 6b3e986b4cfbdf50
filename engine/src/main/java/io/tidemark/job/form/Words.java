package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.List;

/** Joins words for messages. */
final class Words {
    private Words() {}

    /** A text without quotes, anything else as JSON. */
    static String unquoted(JsonNode json) {
        return json.isTextual() ? json.textValue() : json.toString();
    }

    /** {@code a, b or c}. */
    static String or(Collection<String> words) {
        List<String> list = List.copyOf(words);
        int last = list.size() - 1;
        return last < 1 ? String.join("", list) : String.join(", ", list.subList(0, last)) + " or " + list.get(last);
    }
}
