package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A whole number from {@code least} to {@code most}; {@link Long#MAX_VALUE} for no upper limit. */
record NumberForm<N extends Number>(long least, long most, LongFunction<N> make) implements Form<N> {
    private static final Pattern AMOUNT =
            Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,18})?(?:[eE]\\+?[0-9]{1,2})?) ?([kKMGT]?)(i?)B?");

    @Override
    public N read(JsonNode json, Place place) {
        if (!fits(json) || json.longValue() < least || json.longValue() > most) {
            throw place.unexpected(this, json);
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

    /** The number in quotes, with decimals or with a unit, as a whole number. */
    @Override
    public @Nullable String instead(JsonNode json) {
        Matcher amount = AMOUNT.matcher(json.asText());
        if (!amount.matches()) {
            return null;
        }
        // Without a unit the power is 0.
        int power = amount.group(2).isEmpty()
                ? 0
                : 1 + "KMGT".indexOf(amount.group(2).toUpperCase(Locale.ROOT));
        BigDecimal unit =
                BigDecimal.valueOf(amount.group(3).isEmpty() ? 1000 : 1024).pow(power);
        try {
            long whole = new BigDecimal(amount.group(1)).multiply(unit).longValueExact();
            return whole < least || whole > most ? null : String.valueOf(whole);
        } catch (ArithmeticException e) {
            return null;
        }
    }

    @Override
    public List<ObjectNode> alternatives() {
        // Editors hold numbers as doubles, so the largest long itself would be refused as an upper limit.
        ObjectNode schema = Schemas.type("integer").put("minimum", least);
        return List.of(most == Long.MAX_VALUE ? schema : schema.put("maximum", most));
    }
}
