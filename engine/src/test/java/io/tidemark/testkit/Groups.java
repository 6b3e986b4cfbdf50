package io.tidemark.testkit;

import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.GroupValue.GroupType;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Random values of groups. */
public final class Groups {
    private Groups() {}

    /** Groups as a folder makes them: any text, numbers in their one form, booleans; look-alikes among them. */
    public static Arbitrary<GroupValue> values() {
        Arbitrary<String> texts = Arbitraries.strings()
                .all()
                .ofMaxLength(5)
                .filter(text -> StandardCharsets.UTF_8.newEncoder().canEncode(text));
        Arbitrary<String> lookAlikes = Arbitraries.of(
                "", "7", "-7", "true", "false", "null", "\"", "\"7\"", "\"a", "%", "%25", "1e5", "1.5", "-", "a/b",
                "07");
        Arbitrary<String> numbers = Arbitraries.of("7", "-7", "0", "1.5", "1e21", "1e-7", "10", "100", "12", "2");
        return Arbitraries.oneOf(
                Combinators.combine(Arbitraries.just(GroupType.STRING), texts).as(GroupValue::new),
                Combinators.combine(Arbitraries.just(GroupType.STRING), lookAlikes)
                        .as(GroupValue::new),
                Combinators.combine(Arbitraries.just(GroupType.NUMBER), numbers).as(GroupValue::new),
                Combinators.combine(Arbitraries.just(GroupType.BOOLEAN), Arbitraries.of("true", "false"))
                        .as(GroupValue::new));
    }
}
