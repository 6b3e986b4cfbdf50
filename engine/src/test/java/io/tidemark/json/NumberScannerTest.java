package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class NumberScannerTest {
    private final NumberScanner scanner = new NumberScanner();

    /** Whatever follows, and wherever the array ends. */
    @Property(tries = 3_000)
    void whatIsReadIsTheNumber(@ForAll long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        int length = 1 + random.nextInt(random.nextBoolean() ? 9 : 24);
        String letters = random.nextInt(8) == 0 ? "0123456789.-+eE /:" : "00123456789";
        int point = random.nextInt(length + 4);
        for (int i = 0; i < length; i++) {
            text.append(i == point ? '.' : letters.charAt(random.nextInt(letters.length())));
        }
        if (random.nextInt(3) == 0) {
            text.insert(0, '-');
        }
        String after = random.nextInt(4) == 0 ? "" : ",}] :/e.5\u0000".charAt(random.nextInt(10)) + "12\"34,5678";
        String before = "x".repeat(random.nextInt(12));
        byte[] buf = (before + text + after).getBytes(StandardCharsets.ISO_8859_1);
        int from = before.length();
        // Also a record that ends in the middle of the digits that are in the array.
        int end = random.nextInt(3) == 0 ? from + 1 + random.nextInt(text.length()) : buf.length;

        int stop = scanner.read(buf, from, end);

        int expected = from;
        for (int i = from + 1; i <= end; i++) {
            expected = JsonNumbers.isNumber(buf, from, i) ? i : expected;
        }
        String number = new String(buf, from, expected - from, StandardCharsets.ISO_8859_1);
        boolean follows = expected < end && ".eE0123456789".indexOf(buf[expected]) >= 0;
        if (stop == NumberScanner.NOT_READ) {
            long digits = number.chars().filter(Character::isDigit).count();
            boolean isPlain = !number.isEmpty() && !number.matches("-0(\\.0*)?") && digits <= 18;
            boolean ends = expected == end || "eE.".indexOf(buf[expected]) < 0;
            assertThat(isPlain
                            && ends
                            && !follows
                            && !number.toLowerCase(Locale.ROOT).contains("e")
                            && end == buf.length)
                    .as(number)
                    .isFalse();
        } else {
            assertThat(stop).isEqualTo(expected);
            assertThat(BigDecimal.valueOf(scanner.digits, scanner.decimals)).isEqualTo(new BigDecimal(number));
        }
    }
}
