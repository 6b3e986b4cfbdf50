package io.tidemark.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.aggregate.GroupValue.GroupType;
import io.tidemark.job.InputSpec.Check;
import io.tidemark.json.FieldPath;
import io.tidemark.json.FieldScanner;
import io.tidemark.json.FieldValues;
import io.tidemark.part.ApproximateDistinct;
import io.tidemark.testkit.Groups;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GroupKeyTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"1|1.0", "1|10e-1", "0|-0.0", "\"a\"|\"\\u0061\"", "true|true"})
    void valuesThatAreEqualAreOneGroup(String one, String other) throws Exception {
        assertThat(key(one)).isEqualTo(key(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7|\"7\"",
                "true|\"true\"",
                "true|false",
                "123456789012345678901|123456789012345678902",
                "0.1|0.1000000000000000055511151231257827",
                "\"\"|\"0\""
            })
    void valuesThatDifferAreTwoGroups(String one, String other) throws Exception {
        assertThat(key(one)).isNotEqualTo(key(other));
    }

    /** Values of any length, at any place of the array, also at its end. */
    @Property(tries = 5_000)
    void theHashOfAValueIsThatOfItsKey(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        String letters = "x".repeat(random.nextInt(24));
        String digits = "" + (random.nextLong() >> random.nextInt(64));
        String value = switch (random.nextInt(5)) {
            case 0 -> "\"" + letters + "\"";
            case 1 -> "\"" + letters + "\\u0041é\"";
            case 2 -> digits;
            case 3 -> digits + "." + "00102030405060708090".substring(0, 1 + random.nextInt(18));
            default -> random.nextBoolean() ? "true" : "-0." + "0".repeat(random.nextInt(9)) + "1e" + random.nextInt(4);
        };
        FieldScanner scanner = new FieldScanner(List.of(FieldPath.parse("v")), Check.NEEDED);
        FieldValues values = new FieldValues(List.of(FieldPath.parse("v")));
        String before = " ".repeat(random.nextInt(9)) + "{\"v\":";
        byte[] record = (before + value + "}" + " ".repeat(random.nextInt(9))).getBytes(StandardCharsets.UTF_8);
        scanner.scan(record, 0, record.length, values);
        byte[] key = key(value);

        assertThat(new GroupKey().hash(values, 0)).as(value).isEqualTo(ApproximateDistinct.hash(key, 0, key.length));
        // Only the first value of a key is written in words.
        byte[] second = key("true", value);
        int first = key("true").length;
        assertThat(key).as(value).isEqualTo(Arrays.copyOfRange(second, first, second.length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"abcd\"", "123.4", "\"abcdefghijklmnopqrst\"", "12e10"})
    void aValueThatIsTooLongHasNoHash(String value) throws Exception {
        FieldScanner scanner = new FieldScanner(List.of(FieldPath.parse("v")));
        FieldValues values = new FieldValues(List.of(FieldPath.parse("v")));
        byte[] record = ("{\"v\":" + value + "}").getBytes(StandardCharsets.UTF_8);
        scanner.scan(record, 0, record.length, values);

        assertThatThrownBy(() -> new GroupKey(3).hash(values, 0)).hasMessageContaining("badRecords.groupBytes");
    }

    @Test
    void aKeyHoldsLongTextsBesideShortOnes() throws Exception {
        String text = "é".repeat(10_000);

        assertThat(GroupKey.values(key("\"" + text + "\"", "1", "\"b\"")))
                .containsExactly(
                        new GroupValue(GroupType.STRING, text),
                        new GroupValue(GroupType.NUMBER, "1"),
                        new GroupValue(GroupType.STRING, "b"));
    }

    @Property
    void aKeyGivesItsValuesBack(@ForAll("groups") List<GroupValue> group) {
        assertThat(GroupKey.values(GroupKey.of(group))).isEqualTo(group);
        assertThat(GroupKey.count(GroupKey.of(group))).isEqualTo(group.size());
    }

    @Property
    void thePlainFormGivesTheValueBack(@ForAll("groups") List<GroupValue> group) {
        for (GroupValue each : group) {
            assertThat(GroupValue.parsePlain(each.plain())).isEqualTo(each);
        }
    }

    @Property
    void aKeyThatIsCutOffIsRefused(@ForAll("groups") List<GroupValue> group) {
        byte[] key = GroupKey.of(group);
        if (key.length > 0) {
            assertThatThrownBy(() -> {
                        List<GroupValue> values = GroupKey.values(Arrays.copyOf(key, key.length - 1));
                        // A value may be cut off as a whole: then one is missing.
                        if (values.size() < group.size()) {
                            throw new IllegalArgumentException("one is missing");
                        }
                    })
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /**
     * A type of its own or none, a length beyond the end, a length that is negative as a long, a length that does not
     * end.
     */
    @ParameterizedTest
    @ValueSource(strings = {"780161", "00", "730261", "73ffffffffffffffffff01", "7380", "73"})
    void whatIsNotAKeyIsRefused(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> GroupKey.values(bytes)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GroupKey.count(bytes)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"", "\"a", "\"a\"b", "\"\\x\""})
    void aQuotedTextThatDoesNotEndIsRefusedWithoutShowingIt(String plain) {
        assertThatThrownBy(() -> GroupValue.parsePlain(plain))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a string in quotes is not a JSON string")
                .hasNoCause();
    }

    @Provide
    Arbitrary<List<GroupValue>> groups() {
        return Groups.values().list().ofMaxSize(4);
    }

    private static byte[] key(String... jsonValues) throws Exception {
        StringBuilder record = new StringBuilder("{\"x\":0");
        for (int i = 0; i < jsonValues.length; i++) {
            record.append(",\"g").append(i).append("\":").append(jsonValues[i]);
        }
        byte[] bytes = record.append('}').toString().getBytes(StandardCharsets.UTF_8);
        List<FieldPath> paths = IntStream.range(0, jsonValues.length)
                .mapToObj(i -> FieldPath.parse("g" + i))
                .toList();
        FieldValues values = new FieldValues(paths);
        new FieldScanner(paths).scan(bytes, 0, bytes.length, values);
        GroupKey key = new GroupKey();
        for (int i = 0; i < jsonValues.length; i++) {
            key.add(values, i);
        }
        return Arrays.copyOf(key.bytes(), key.length());
    }

    /** The length of a text takes a byte up to 127. */
    @Test
    void textsOfAnyLengthHaveTheirPlaceInAKey() {
        for (int length = 0; length < 600; length++) {
            GroupValue text = new GroupValue(GroupType.STRING, "x".repeat(length));
            byte[] key = GroupKey.of(List.of(text, text));

            assertThat(key).hasSize(2 * (1 + (length < 128 ? 1 : 2) + length));
            assertThat(GroupKey.values(key)).containsExactly(text, text);
        }
    }
}
