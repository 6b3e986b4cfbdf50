package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.job.form.InvalidJobException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionTextTest {

    /** The right column is part of fingerprints: it must never change. */
    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '~', textBlock = """
                    a>5                          ¦ a > 5
                    5 < a                        ¦ a > 5
                    -5.0e3 >= a                  ¦ a <= -5.0e3
                    a == b                       ¦ a == b
                    b.c[0] != 'x  y'             ¦ b.c[0] != "x  y"
                    b . c [ "d.e" ] . f == "x"   ¦ b.c["d.e"].f == "x"
                    ["a b"] == 'it\\'s "x"'      ¦ ["a b"] == "it's \\"x\\""
                    ["a"]["b"] == 1              ¦ a.b == 1
                    ["true"] == 1                ¦ ["true"] == 1
                    a.in == 1                    ¦ a.in == 1
                    a == 'ä\\u00e4\\n'           ¦ a == "ää\\u000a"
                    a in [ 1,2 ]                 ¦ a in [1, 2]
                    a in ['x' , "y"]             ¦ a in ["x", "y"]
                    a == true                    ¦ a
                    a != true                    ¦ !a
                    false == a                   ¦ !a
                    a == null                    ¦ a == null
                    a != null                    ¦ !(a == null)
                    has( a.b )                   ¦ has(a.b)
                    !(has(a)) || a > 5           ¦ !has(a) || a > 5
                    ((a && b) && c)              ¦ a && b && c
                    a || b && c                  ¦ a || (b && c)
                    (a || b) && c                ¦ (a || b) && c
                    !(a && b)                    ¦ !(a && b)
                    !(a > 5)                     ¦ !(a > 5)
                    a.startsWith('x')            ¦ a.startsWith("x")
                    a.b.matches('^\\\\d+$')      ¦ a.b.matches("^\\\\d+$")
                    """)
    void aConditionHasOneText(String written, String text) {
        Condition condition = ConditionParser.parse(written);

        assertThat(condition.asText()).isEqualTo(text);
        assertThat(ConditionParser.parse(text)).isEqualTo(condition);
    }

    @Test
    void theFieldsAreListedOnce() {
        assertThat(ConditionParser.parse("a > 1 && a < 5 || has(b.c[0]) && 'x' == d && e <= f")
                        .paths())
                .containsExactly("a", "b.c[0]", "d", "e", "f");
    }

    @Property
    void whatIsWrittenIsReadBack(@ForAll("conditions") Condition condition) {
        Condition read;
        try {
            read = ConditionParser.parse(condition.asText());
        } catch (InvalidJobException e) {
            assertThat(e.problem()).matches("(?s)is (true|false) of no record.*|uses .*|.*stands twice.*|orders .*");
            return;
        }
        // Parentheses that change nothing are gone.
        assertThat(ConditionParser.parse(read.asText())).isEqualTo(read);
        assertThat(withoutParentheses(read)).isEqualTo(withoutParentheses(condition));
    }

    private static String withoutParentheses(Condition condition) {
        return condition.asText().replaceAll("[()]", "");
    }

    @Provide
    Arbitrary<Condition> conditions() {
        return conditions(3);
    }

    private static Arbitrary<Condition> conditions(int depth) {
        Arbitrary<String> path = Arbitraries.of("a", "b.c", "é", "a b", "x[\"y.z\"]", "[\"[\"].in", "true", "d[0][1]");
        Arbitrary<Order> order = Arbitraries.of(Order.class);
        Arbitrary<String> text = Arbitraries.of("x", "ä\ud83d\ude00", "\"", "\\", "it's", "\n\u0000", " ", "a||b");
        Arbitrary<Condition> simple = Arbitraries.oneOf(
                path.map(Condition.Has::new),
                path.map(Condition.IsTrue::new),
                path.map(Condition.IsNull::new),
                Combinators.combine(path, order, Arbitraries.of("0", "-1.5", "2e10"))
                        .as(Condition.NumberIs::new),
                Combinators.combine(path, order, text).as(Condition.TextIs::new),
                Combinators.combine(path, text.list().ofMinSize(1).ofMaxSize(3).uniqueElements())
                        .as(Condition.TextIn::new),
                Combinators.combine(path, text).as((a, b) -> new Condition.TextHas(a, TextFunction.CONTAINS, b)));
        if (depth == 0) {
            return simple;
        }
        Arbitrary<Condition> inner = conditions(depth - 1);
        return Arbitraries.oneOf(
                simple,
                inner.map(Condition.Not::new),
                inner.list().ofMinSize(2).ofMaxSize(3).map(Condition.All::new),
                inner.list().ofMinSize(2).ofMaxSize(3).map(Condition.Any::new));
    }
}
