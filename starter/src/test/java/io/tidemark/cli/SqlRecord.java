package io.tidemark.cli;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A record of {@link DuckDbIT}: as JSON for a job, and as values for a table. A null is left out of the JSON, or is null
 * there.
 */
record SqlRecord(
        long seq,
        long at,
        String g,
        int w,
        @Nullable BigDecimal d,
        @Nullable Long i,
        @Nullable Double x,
        @Nullable String s,
        String json) {

    static SqlRecord any(Random random, long at, long seq) {
        String g = DuckDbIT.any(random, "a", "b", "ä", "日本", "a b");
        int w = random.nextInt(10);
        BigDecimal d = random.nextInt(8) == 0
                ? null
                : BigDecimal.valueOf(
                        random.nextInt(3) == 0
                                ? random.nextLong(-999_999_999_999_999_999L, 1_000_000_000_000_000_000L)
                                : random.nextInt(20_000) - 10_000,
                        2);
        Long i = random.nextInt(8) == 0
                ? null
                : random.nextInt(3) == 0
                        ? Long.valueOf(random.nextLong(-1_000_000_000_000L, 1_000_000_000_000L))
                        : Long.valueOf(random.nextInt(50));
        Double x = random.nextInt(8) == 0
                ? null
                : Double.valueOf(
                        random.nextInt(10) == 0 ? 0 : random.nextGaussian() * Math.pow(10, random.nextInt(7) - 3));
        String s = random.nextInt(8) == 0 ? null : "v" + random.nextInt(1 + random.nextInt(60));
        List<String> fields = new ArrayList<>(List.of("\"at\":" + at, "\"g\":\"" + g + "\"", "\"w\":" + w));
        field(fields, random, "d", d == null ? null : random.nextBoolean() ? d.toString() : '"' + d.toString() + '"');
        field(fields, random, "i", i == null ? null : i.toString());
        field(fields, random, "x", x == null ? null : x.toString());
        field(fields, random, "s", s == null ? null : '"' + s + '"');
        Collections.shuffle(fields, random);
        return new SqlRecord(seq, at, g, w, d, i, x, s, "{" + String.join(", ", fields) + "}");
    }

    private static void field(List<String> fields, Random random, String name, @Nullable String value) {
        if (value != null || random.nextBoolean()) {
            fields.add("\"" + name + "\": " + value);
        }
    }

    /** Returns the values of a row of the table. */
    String sql() {
        return "(" + seq + ", " + at + ", '" + g + "', " + w + ", " + d + ", " + i + ", "
                + (x == null ? "NULL" : "'" + x + "'::DOUBLE") + ", " + (s == null ? "NULL" : "'" + s + "'") + ")";
    }
}
