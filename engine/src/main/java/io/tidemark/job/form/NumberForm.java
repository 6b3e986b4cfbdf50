package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/** A whole number from {@code least} to {@code most}; {@link Long#MAX_VALUE} for no upper limit. */
record NumberForm<N extends Number>(long least, long most, LongFunction<N> make) implements Form<N> {
    @Override
    public N read(JsonNode json, Place place) {
        if (!fits(json) || json.longValue() < least || json.longValue() > most) {
            throw place.unexpected(expected(), json);
        }
        return make.apply(json.longValue());
    }

    @Override
    public JsonNode write(N value, Use use) {
        return value instanceof Integer
                ? JsonNodeFactory.instance.numberNode(value.intValue())
                : JsonNodeFactory.instance.numberNode(value.longValue());
    }

    @Override
    public boolean fits(JsonNode json) {
        return json.isIntegralNumber() && json.canConvertToLong();
    }

    @Override
    public String expected() {
        return most == Long.MAX_VALUE
                ? "a whole number of at least " + least
                : String.format(Locale.ROOT, "a whole number from %d to %,d", least, most);
    }

    @Override
    public List<ObjectNode> alternatives() {
        // Editors hold numbers as doubles, so the largest long itself would be refused as an upper limit.
        ObjectNode schema = Schemas.type("integer").put("minimum", least);
        return List.of(most == Long.MAX_VALUE ? schema : schema.put("maximum", most));
    }
}
