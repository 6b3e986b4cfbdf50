package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list of values of one form, where a single value may stand alone. No value of that form is a list itself. */
record OneOrMoreForm<V>(Form<V> element) implements Form<List<V>> {
    @Override
    public List<V> read(JsonNode json, Place place) {
        return json.isArray() ? list().read(json, place) : List.of(element.read(json, place));
    }

    @Override
    public JsonNode write(List<V> values, Use use) {
        return values.size() == 1 ? element.write(values.get(0), use) : list().write(values, use);
    }

    @Override
    public boolean fits(JsonNode json) {
        return json.isArray() || element.fits(json);
    }

    @Override
    public String expected() {
        return element.expected() + ", or a list of them";
    }

    @Override
    public @Nullable String instead(JsonNode json) {
        return element.instead(json);
    }

    @Override
    public List<ObjectNode> alternatives() {
        List<ObjectNode> all = new ArrayList<>(element.alternatives());
        all.addAll(list().alternatives());
        return all;
    }

    private ListForm<V> list() {
        return new ListForm<>(element, expected());
    }
}
