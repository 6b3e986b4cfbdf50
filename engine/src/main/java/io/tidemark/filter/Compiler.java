package io.tidemark.filter;

import com.google.re2j.Pattern;
import io.tidemark.job.Condition;
import io.tidemark.job.Condition.Visitor;
import io.tidemark.job.TextFunction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Makes the checks of a condition.
 *
 * @param fieldNumber gives the number that a path has among the values of a record
 */
record Compiler(ToIntFunction<String> fieldNumber) implements Visitor<Check> {
    private int field(String path) {
        return fieldNumber.applyAsInt(path);
    }

    private Check[] each(List<Condition> parts) {
        return parts.stream().map(part -> part.accept(this)).toArray(Check[]::new);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Check all(Condition.All condition) {
        return new Check.And(each(condition.parts()));
    }

    @Override
    public Check any(Condition.Any condition) {
        return new Check.Or(each(condition.parts()));
    }

    @Override
    public Check not(Condition.Not condition) {
        return new Check.Not(condition.part().accept(this));
    }

    @Override
    public Check has(Condition.Has condition) {
        return new Check.Has(field(condition.path()));
    }

    @Override
    public Check isTrue(Condition.IsTrue condition) {
        return new Check.IsTrue(field(condition.path()));
    }

    @Override
    public Check isNull(Condition.IsNull condition) {
        return new Check.IsNull(field(condition.path()));
    }

    @Override
    public Check number(Condition.NumberIs condition) {
        return new Check.NumberIs(field(condition.path()), condition.order(), NumberLiteral.of(condition.digits()));
    }

    @Override
    public Check text(Condition.TextIs condition) {
        return new Check.TextIs(field(condition.path()), condition.order(), utf8(condition.text()));
    }

    @Override
    public Check fields(Condition.FieldsAre condition) {
        return new Check.FieldsAre(field(condition.path()), condition.order(), field(condition.other()));
    }

    @Override
    public Check numberIn(Condition.NumberIn condition) {
        return new Check.NumberIn(
                field(condition.path()),
                condition.digits().stream().map(NumberLiteral::of).toArray(NumberLiteral[]::new));
    }

    @Override
    public Check textIn(Condition.TextIn condition) {
        return new Check.TextIn(
                field(condition.path()),
                condition.texts().stream().map(Compiler::utf8).toArray(byte[][]::new));
    }

    @Override
    public Check textHas(Condition.TextHas condition) {
        int field = field(condition.path());
        return condition.function() == TextFunction.MATCHES
                ? new Check.TextMatches(field, Pattern.compile(condition.text()).matcher(""))
                : new Check.TextHas(field, condition.function(), utf8(condition.text()));
    }
}
