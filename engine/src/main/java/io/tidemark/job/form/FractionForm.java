package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;

/** A number from {@code least} to {@code most}, both of which are allowed, with as many decimals as a double tells apart. */
record FractionForm(double least, double most) implements Form<BigDecimal> {
    @Override
    public BigDecimal read(JsonNode json, Place place) {
        if (!fits(json) || json.doubleValue() < least || json.doubleValue() > most) {
            throw place.unexpected(this, json);
        }
        return BigDecimal.valueOf(json.doubleValue()).stripTrailingZeros();
    }

    @Override
    public JsonNode write(BigDecimal value, Use use) {
        return JsonNodeFactory.instance.numberNode(value.doubleValue());
    }

    @Override
    public boolean fits(JsonNode json) {
        return json.isNumber();
    }

    @Override
    public String expected() {
        return "a number from " + text(least) + " to " + text(most);
    }

    private static String text(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    @Override
    public List<ObjectNode> alternatives() {
        return List.of(Schemas.type("number").put("minimum", least).put("maximum", most));
    }
}
