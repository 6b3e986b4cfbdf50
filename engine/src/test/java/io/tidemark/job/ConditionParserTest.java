package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.form.InvalidJobException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionParserTest {

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '~', textBlock = """
                    a = 5¦              '=' is no operator; write '==' to compare, at character 3 of a = 5
                    a & b¦              '&' is no operator; write '&&' for and, at character 3 of a & b
                    a <> 5¦             '<>' is no operator; write '!=', at character 3 of a <> 5
                    a > 5 AND b¦        'AND' is no operator; write '&&', at character 7 of a > 5 AND b
                    a is null¦          'is' is no operator; write '==', at character 3 of a is null
                    a + b > 5¦          '+' is no operator; a condition compares and does not calculate, at character 3 of a + b > 5
                    a-b > 5¦            a condition compares and does not calculate; write a field with '-' in its name as ["a-b"], at character 2 of a-b > 5
                    a > ¦               a field or a value must stand here, not the end, at character 4 of a >
                    a > 5 b¦            '&&' or '||' must stand before 'b', at character 7 of a > 5 b
                    (a > 5¦             ')' must stand before the end, at character 7 of (a > 5
                    a == 'x¦            this text has no closing ', at character 6 of a == 'x
                    1 < a < 5¦          join two comparisons by '&&', such as 1 < a && a < 5, at character 1 of 1 < a < 5
                    5 > 4¦              one side of a comparison must be a field, at character 1 of 5 > 4
                    true¦               a value alone is no condition; compare a field with it, at character 1 of true
                    'a'¦                a value alone is no condition; compare a field with it, at character 1 of 'a'
                    a > null¦           null is compared by '==' and '!=', at character 5 of a > null
                    has(a) == true¦     a condition is not compared; negate it by '!', at character 1 of has(a) == true
                    a == has(b)¦        a condition is not compared; negate it by '!', at character 6 of a == has(b)
                    a == a¦             'a' is compared with itself, at character 1 of a == a
                    a && b && a¦        'a' stands twice; leave one out, at character 11 of a && b && a
                    a in [1, 'x']¦      a list holds numbers or texts, not both, at character 10 of a in [1, 'x']
                    a in [1, 1]¦        this value stands twice in the list, at character 10 of a in [1, 1]
                    a in []¦            a field or a value must stand here, not ']', at character 7 of a in []
                    a == 007¦           a number does not begin with 0; write 7, at character 6 of a == 007
                    a > 1e309¦          this number is beyond the range of a double, which ends at 1.8e308, at character 5 of a > 1e309
                    a == '\\x'¦         this is no escape; a backslash itself is written \\\\, at character 7 of a == '\\x'
                    größe > 5¦          'ö' cannot stand here; write a field with such a name as ["name"], at character 3 of größe > 5
                    ["{a}"] > 5¦        '["{a}"]' is not a path such as voltage, readings[0].v or ["http.method"], at character 1 of ["{a}"] > 5
                    a.matches('(')¦     this is no regular expression of RE2: missing closing ), at character 11 of a.matches('(')
                    a.matches('(?=x)')¦ this is no regular expression of RE2: invalid or unsupported Perl syntax, at character 11 of a.matches('(?=x)')
                    a.startswith('x')¦  the function 'startswith' is not known; did you mean startsWith?, at character 3 of a.startswith('x')
                    a.contains('')¦     this is true of every text; write a text that is not empty, at character 12 of a.contains('')
                    """)
    void aTextThatIsNoConditionIsRefusedWithItsPlace(String written, String message) {
        assertThatThrownBy(() -> ConditionParser.parse(written))
                .isInstanceOf(InvalidJobException.class)
                .hasMessage(message);
    }

    @Test
    void anUnknownFunctionIsRefusedWithThoseThatThereAre() {
        assertThatThrownBy(() -> ConditionParser.parse("size(a) > 5"))
                .hasMessageStartingWith("the function 'size' is not known; there are has(field), key(),"
                        + " header(\"...\"), timestamp(), partition(), offset(), and after a field"
                        + " .startsWith(\"...\"), .endsWith(\"...\"), .contains(\"...\"), .matches(\"...\")");
    }

    @Test
    void nestingIsBounded() {
        assertThatThrownBy(() -> ConditionParser.parse("(".repeat(10_000)))
                .hasMessageStartingWith("more than 50 parentheses");
        assertThatThrownBy(() -> ConditionParser.parse("!".repeat(10_000)))
                .hasMessageStartingWith("more than 50 parentheses");
    }

    @Test
    void aLongConditionIsCutAroundTheError() {
        assertThatThrownBy(() -> ConditionParser.parse("a == 1 || " + "c".repeat(200) + " = 5"))
                .hasMessage(
                        "'=' is no operator; write '==' to compare, at character 212 of …" + "c".repeat(29) + " = 5");
    }
}
