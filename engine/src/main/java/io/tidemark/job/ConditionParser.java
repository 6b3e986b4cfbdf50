package io.tidemark.job;

import io.tidemark.job.ConditionTokens.Kind;
import io.tidemark.job.ConditionTokens.Token;
import io.tidemark.job.form.Form;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.job.form.TextForm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a condition by recursive descent. Its grammar is a subset of
 * <a href="https://github.com/google/cel-spec/blob/master/doc/langdef.md">CEL</a>. The operators bind as in CEL: {@code !},
 * comparisons, {@code &&}, {@code ||}.
 */
final class ConditionParser {
    /** A condition as it stands in a job. */
    static final Form<Condition> FORM = TextForm.any("a condition such as status >= 500 && has(user)")
            .as(ConditionParser::parse, ConditionText::of);

    /** How deep parentheses and negations may be nested. */
    private static final int MAX_DEPTH = 50;

    /** The operators of SQL and Python, which people write by habit. */
    private static final Map<String, String> INSTEAD = Map.of("and", "&&", "or", "||", "not", "!", "is", "==");

    private static final String FUNCTIONS =
            "has(field), key(), header(\"...\"), timestamp(), partition(), offset(), and after a field "
                    + Arrays.stream(TextFunction.values())
                            .map(each -> "." + each.text() + "(\"...\")")
                            .collect(Collectors.joining(", "));

    /** A side of a comparison, or a condition in parentheses; exactly one of the parts is set. */
    private record Part(
            Token at,
            @Nullable Condition condition,
            @Nullable String path,
            @Nullable String digits,
            @Nullable String text,
            @Nullable String word) {
        static Part of(Token at, Condition condition) {
            return new Part(at, condition, null, null, null, null);
        }

        boolean isLiteral() {
            return digits != null || text != null || word != null;
        }
    }

    private final ConditionTokens tokens;
    private int depth;

    private ConditionParser(ConditionTokens tokens) {
        this.tokens = tokens;
    }

    /**
     * Reads the text of a condition.
     *
     * @throws InvalidJobException without a path, if the text is no condition or can only be true or only be false
     */
    static Condition parse(String text) {
        ConditionTokens tokens = new ConditionTokens(text);
        ConditionParser parser = new ConditionParser(tokens);
        Condition condition = parser.condition(parser.or());
        Token rest = tokens.peek();
        if (rest.kind() != Kind.END) {
            throw parser.unexpected(rest);
        }
        ConditionOutcomes.requireBoth(condition);
        return condition;
    }

    private InvalidJobException unexpected(Token rest) {
        String instead = rest.kind() == Kind.NAME ? INSTEAD.get(rest.text().toLowerCase(Locale.ROOT)) : null;
        if (instead != null) {
            return tokens.problem(rest, "'" + rest.text() + "' is no operator; write '" + instead + "'");
        }
        return tokens.problem(
                rest,
                rest.is("-")
                        ? "a condition compares and does not calculate; write a field with '-' in its name as [\"a-b\"]"
                        : "'&&' or '||' must stand before " + ConditionTokens.described(rest));
    }

    private Part or() {
        return joined("||", this::and, Condition.Any::new);
    }

    private Part and() {
        return joined("&&", this::comparison, Condition.All::new);
    }

    private Part joined(String symbol, Supplier<Part> reader, Function<List<Condition>, Condition> join) {
        Part first = reader.get();
        if (!tokens.peek().is(symbol)) {
            return first;
        }
        List<Condition> parts = new ArrayList<>();
        Part next = first;
        while (true) {
            for (Condition part : partsOf(condition(next), symbol)) {
                if (parts.contains(part)) {
                    throw tokens.problem(next.at, "'" + ConditionText.of(part) + "' stands twice; leave one out");
                }
                parts.add(part);
            }
            if (!tokens.takeIf(symbol)) {
                return Part.of(first.at, join.apply(parts));
            }
            next = reader.get();
        }
    }

    /** Parentheses around the first parts of a sequence change nothing. */
    private static List<Condition> partsOf(Condition condition, String symbol) {
        if (symbol.equals("&&") && condition instanceof Condition.All all) {
            return all.parts();
        }
        return symbol.equals("||") && condition instanceof Condition.Any any ? any.parts() : List.of(condition);
    }

    private Part comparison() {
        Part left = unary();
        if (tokens.peek().kind() == Kind.NAME && tokens.peek().text().equals("in")) {
            tokens.take();
            return Part.of(left.at, in(left));
        }
        Order order = order();
        if (order == null) {
            return left;
        }
        Part right = unary();
        Condition compared = compare(left, order, right);
        if (order() != null) {
            throw tokens.problem(left.at, "join two comparisons by '&&', such as 1 < a && a < 5");
        }
        return Part.of(left.at, compared);
    }

    private @Nullable Order order() {
        for (Order order : Order.values()) {
            if (tokens.takeIf(order.symbol())) {
                return order;
            }
        }
        return null;
    }

    private Part unary() {
        Token at = tokens.peek();
        if (!tokens.takeIf("!")) {
            return primary();
        }
        deeper(at);
        Part negated = Part.of(at, new Condition.Not(condition(unary())));
        depth--;
        return negated;
    }

    private Part primary() {
        Token at = tokens.take();
        if (at.is("(")) {
            deeper(at);
            Part inside = or();
            tokens.expect(")");
            depth--;
            return inside;
        }
        if (at.is("-") && tokens.peek().kind() == Kind.NUMBER) {
            return new Part(at, null, null, "-" + tokens.take().text(), null, null);
        }
        return switch (at.kind()) {
            case NUMBER -> new Part(at, null, null, at.text(), null, null);
            case TEXT -> new Part(at, null, null, null, whole(at), null);
            case NAME -> named(at);
            case SYMBOL, END -> {
                if (at.is("[") && tokens.peek().kind() == Kind.TEXT) {
                    yield field(at, bracketed(""));
                }
                throw tokens.problem(at, "a field or a value must stand here, not " + ConditionTokens.described(at));
            }
        };
    }

    private Part named(Token at) {
        String name = at.text();
        if (name.equals("true") || name.equals("false") || name.equals("null")) {
            return new Part(at, null, null, null, null, name);
        }
        if (name.equals("has") && tokens.takeIf("(")) {
            Part inside = primary();
            if (inside.path == null) {
                throw tokens.problem(inside.at, "has(...) takes a field");
            }
            if (FieldRef.of(inside.path) instanceof FieldRef.Meta meta && meta.kind() != FieldRef.Meta.Kind.TIMESTAMP) {
                throw tokens.problem(inside.at, "every record has its " + meta.name());
            }
            tokens.expect(")");
            return Part.of(at, new Condition.Has(inside.path));
        }
        if (tokens.takeIf("(")) {
            return ofKafka(at);
        }
        return field(at, name);
    }

    /** Reads what is not of the record's value. It looks like a function, because a field of the value could have any name. */
    private Part ofKafka(Token at) {
        String name = at.text();
        if (name.equals("header")) {
            Token header = tokens.take();
            if (header.kind() != Kind.TEXT || header.text().isEmpty()) {
                throw tokens.problem(header, "header(...) takes the name of a header in quotes");
            }
            tokens.expect(")");
            return field(at, "", new FieldRef.Header(whole(header)), path -> null);
        }
        if (name.equals("key")) {
            tokens.expect(")");
            return field(at, "", new FieldRef.Key(), FieldRef.KeyField::new);
        }
        for (FieldRef.Meta.Kind kind : FieldRef.Meta.Kind.values()) {
            FieldRef.Meta meta = new FieldRef.Meta(kind);
            if (name.equals(meta.name())) {
                tokens.expect(")");
                return field(at, "", meta, path -> null);
            }
        }
        throw unknownFunction(at);
    }

    private Part field(Token at, String begun) {
        return field(at, begun, null, FieldRef.Path::new);
    }

    /**
     * Reads the rest of a path, and the function that is applied to it.
     *
     * @param whole what the field is without a path; null if it needs one
     * @param below what the field is with a path; gives null if it has no fields
     */
    private Part field(Token at, String begun, @Nullable FieldRef whole, Function<String, @Nullable FieldRef> below) {
        String path = begun;
        while (true) {
            if (tokens.takeIf("[")) {
                path = bracketed(path);
            } else if (tokens.takeIf(".")) {
                Token name = tokens.take();
                if (name.kind() != Kind.NAME) {
                    throw tokens.problem(name, "a name must follow the dot, not " + ConditionTokens.described(name));
                }
                if (tokens.peek().is("(")) {
                    return Part.of(at, function(name, checked(at, path, whole, below)));
                }
                path = path + (path.isEmpty() ? "" : ".") + name.text();
            } else {
                return new Part(at, null, checked(at, path, whole, below), null, null, null);
            }
        }
    }

    /** Reads what stands in brackets. A name that needs no quotes in a path gets none, so that a field has one path. */
    private String bracketed(String path) {
        Token step = tokens.take();
        if (step.kind() != Kind.TEXT && step.kind() != Kind.NUMBER) {
            throw tokens.problem(step, "a position such as [0] or a name such as [\"a.b\"] must stand here");
        }
        tokens.expect("]");
        if (step.kind() == Kind.NUMBER) {
            return path + "[" + step.text() + "]";
        }
        String name = FieldPaths.quotedIfNeeded(whole(step));
        return path + (path.isEmpty() || name.startsWith("[") ? "" : ".") + name;
    }

    private String checked(
            Token at, String path, @Nullable FieldRef whole, Function<String, @Nullable FieldRef> below) {
        if (whole != null && path.isEmpty()) {
            return whole.text();
        }
        if (!FieldPaths.isPath(path)) {
            throw tokens.problem(
                    at, "'" + path + "' is not a path such as voltage, readings[0].v or [\"http.method\"]");
        }
        FieldRef field = below.apply(path);
        if (field == null) {
            throw tokens.problem(at, at.text() + "(...) has no fields");
        }
        return field.text();
    }

    private Condition function(Token name, String path) {
        TextFunction function = Arrays.stream(TextFunction.values())
                .filter(each -> each.text().equals(name.text()))
                .findFirst()
                .orElseThrow(() -> unknownFunction(name));
        tokens.expect("(");
        Token text = tokens.take();
        if (text.kind() != Kind.TEXT) {
            throw tokens.problem(
                    text, name.text() + "(...) takes a text in quotes, not " + ConditionTokens.described(text));
        }
        tokens.expect(")");
        if (text.text().isEmpty()) {
            throw tokens.problem(text, "this is true of every text; write a text that is not empty");
        }
        if (function == TextFunction.MATCHES) {
            String problem = RegularExpressions.problem(text.text());
            if (problem != null) {
                throw tokens.problem(text, problem);
            }
        }
        return new Condition.TextHas(path, function, whole(text));
    }

    private InvalidJobException unknownFunction(Token name) {
        String nearest = Arrays.stream(TextFunction.values())
                .map(TextFunction::text)
                .filter(each -> each.equalsIgnoreCase(name.text().replace("_", "")))
                .map(each -> "; did you mean " + each + "?")
                .findFirst()
                .orElse("; there are " + FUNCTIONS);
        return tokens.problem(name, "the function '" + name.text() + "' is not known" + nearest);
    }

    private Condition compare(Part left, Order order, Part right) {
        if (left.isLiteral() && right.path != null) {
            return compare(right, order.swapped(), left);
        }
        if (left.condition != null || right.condition != null) {
            throw tokens.problem(
                    left.condition != null ? left.at : right.at, "a condition is not compared; negate it by '!'");
        }
        if (left.path == null) {
            throw tokens.problem(left.at, "one side of a comparison must be a field");
        }
        if (right.path != null) {
            if (right.path.equals(left.path)) {
                throw tokens.problem(left.at, "'" + left.path + "' is compared with itself");
            }
            return new Condition.FieldsAre(left.path, order, right.path);
        }
        if (right.digits != null) {
            return new Condition.NumberIs(left.path, order, right.digits);
        }
        if (right.text != null) {
            return new Condition.TextIs(left.path, order, right.text);
        }
        if (!order.isEquality()) {
            throw tokens.problem(right.at, right.word + " is compared by '==' and '!='");
        }
        Condition equal = "null".equals(right.word) ? new Condition.IsNull(left.path) : new Condition.IsTrue(left.path);
        return "false".equals(right.word) == (order == Order.EQUAL) ? new Condition.Not(equal) : equal;
    }

    private Condition in(Part left) {
        if (left.path == null) {
            throw tokens.problem(left.at, "a field must stand before 'in'");
        }
        tokens.expect("[");
        List<String> numbers = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        Set<Object> seen = new HashSet<>();
        do {
            Part value = primary();
            if (value.digits != null) {
                numbers.add(value.digits);
            } else if (value.text != null) {
                texts.add(value.text);
            } else {
                throw tokens.problem(value.at, "a list holds numbers or texts");
            }
            if (!numbers.isEmpty() && !texts.isEmpty()) {
                throw tokens.problem(value.at, "a list holds numbers or texts, not both");
            }
            if (!seen.add(value.digits != null ? value.digits : String.valueOf(value.text))) {
                throw tokens.problem(value.at, "this value stands twice in the list");
            }
        } while (tokens.takeIf(","));
        tokens.expect("]");
        return numbers.isEmpty() ? new Condition.TextIn(left.path, texts) : new Condition.NumberIn(left.path, numbers);
    }

    private Condition condition(Part part) {
        if (part.condition != null) {
            return part.condition;
        }
        if (part.path != null) {
            return new Condition.IsTrue(part.path);
        }
        throw tokens.problem(part.at, "a value alone is no condition; compare a field with it");
    }

    private void deeper(Token at) {
        if (++depth > MAX_DEPTH) {
            throw tokens.problem(at, "more than " + MAX_DEPTH + " parentheses and negations are nested");
        }
    }

    /** The text of a token. Half of a surrogate pair is in no record. */
    private String whole(Token text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text.text())) {
            throw tokens.problem(text, "this text has half of a surrogate pair");
        }
        return text.text();
    }
}
