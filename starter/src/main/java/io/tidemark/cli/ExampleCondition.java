package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tidemark.job.Condition;
import io.tidemark.job.Order;
import io.tidemark.job.TextFunction;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives the fields of a condition values that it is probably true of, for the example of {@code validate}. Parts can need
 * different values of one field, and regular expressions can need any; the engine then says that the record is filtered.
 */
final class ExampleCondition implements Condition.Visitor<ExampleCondition> {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Map<String, JsonNode> fields;
    private final Set<String> absent = new HashSet<>();
    /** Whether the part that is visited is to be true. */
    private boolean wanted = true;

    private ExampleCondition(Map<String, JsonNode> fields) {
        this.fields = fields;
    }

    /** Adds the fields of a condition to those that are there already, which keep their values if the condition allows any. */
    static void put(Condition condition, Map<String, JsonNode> fields) {
        ExampleCondition example = new ExampleCondition(fields);
        condition.accept(example);
        condition.paths().stream()
                .filter(path -> !example.absent.contains(path))
                .forEach(path -> fields.putIfAbsent(path, JSON.numberNode(1)));
    }

    private ExampleCondition set(String path, JsonNode value) {
        fields.put(path, value);
        return this;
    }

    private ExampleCondition set(String path, Order order, JsonNode less, JsonNode same, JsonNode greater) {
        int compared = order.holds(0) == wanted ? 0 : order.holds(1) == wanted ? 1 : -1;
        return set(path, compared == 0 ? same : compared > 0 ? greater : less);
    }

    private ExampleCondition parts(List<Condition> parts, boolean all) {
        for (Condition each : all ? parts : parts.subList(0, 1)) {
            each.accept(this);
        }
        return this;
    }

    @Override
    public ExampleCondition all(Condition.All condition) {
        return parts(condition.parts(), wanted);
    }

    @Override
    public ExampleCondition any(Condition.Any condition) {
        return parts(condition.parts(), !wanted);
    }

    @Override
    public ExampleCondition not(Condition.Not condition) {
        wanted = !wanted;
        condition.part().accept(this);
        wanted = !wanted;
        return this;
    }

    @Override
    public ExampleCondition has(Condition.Has condition) {
        if (!wanted) {
            absent.add(condition.path());
        }
        return this;
    }

    @Override
    public ExampleCondition isTrue(Condition.IsTrue condition) {
        return set(condition.path(), JSON.booleanNode(wanted));
    }

    @Override
    public ExampleCondition isNull(Condition.IsNull condition) {
        return wanted ? set(condition.path(), JSON.nullNode()) : this;
    }

    @Override
    public ExampleCondition number(Condition.NumberIs condition) {
        BigDecimal number = new BigDecimal(condition.digits());
        return set(
                condition.path(),
                condition.order(),
                JSON.numberNode(number.subtract(BigDecimal.ONE)),
                JSON.numberNode(number),
                JSON.numberNode(number.add(BigDecimal.ONE)));
    }

    @Override
    public ExampleCondition text(Condition.TextIs condition) {
        return set(
                condition.path(),
                condition.order(),
                JSON.textNode(""),
                JSON.textNode(condition.text()),
                JSON.textNode(condition.text() + "z"));
    }

    @Override
    public ExampleCondition fields(Condition.FieldsAre condition) {
        JsonNode other = fields.getOrDefault(condition.other(), JSON.numberNode(1));
        set(condition.other(), other);
        return other.isNumber()
                ? number(new Condition.NumberIs(condition.path(), condition.order(), other.asText()))
                : text(new Condition.TextIs(condition.path(), condition.order(), other.asText()));
    }

    @Override
    public ExampleCondition numberIn(Condition.NumberIn condition) {
        return number(new Condition.NumberIs(
                condition.path(), Order.EQUAL, condition.digits().get(0)));
    }

    @Override
    public ExampleCondition textIn(Condition.TextIn condition) {
        return text(new Condition.TextIs(
                condition.path(), Order.EQUAL, condition.texts().get(0)));
    }

    @Override
    public ExampleCondition textHas(Condition.TextHas condition) {
        return set(
                condition.path(),
                JSON.textNode(
                        !wanted
                                ? ""
                                : condition.function() == TextFunction.MATCHES
                                        ? condition.text().replaceAll("[^a-zA-Z0-9 /_-]", "")
                                        : condition.text()));
    }
}
