package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.sql.Array;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate of {@link DuckDbIT}.
 *
 * @param job as JSON, for a job
 * @param sql the columns that DuckDB computes for it
 * @param judge compares them with the value of the row
 */
record SqlAggregate(String job, List<String> sql, Judge judge) {
    /** Compares a value with DuckDB's columns. */
    interface Judge {
        void check(JsonNode ours, List<@Nullable Object> theirs) throws SQLException;
    }

    /** The order of first and last: by event time, then by offset. */
    private static final String ORDER = "ms::HUGEINT * 1000000 + seq";

    void check(JsonNode ours, List<@Nullable Object> theirs) {
        try {
            judge.check(ours, theirs);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    static SqlAggregate any(Random random) {
        boolean filtered = random.nextInt(3) == 0;
        String where = filtered ? ",\"where\":\"w >= 5\"" : "";
        String filter = " FILTER (WHERE " + (filtered ? "w >= 5" : "true");
        boolean decimal = random.nextBoolean();
        String number = decimal ? "\"d\",\"decimal\":2" : "\"i\",\"integer\":true";
        String column = decimal ? "d" : "i";
        String skip = ",\"absent\":\"skip\"" + where + "}";
        return switch (random.nextInt(13)) {
            case 0 -> one("{\"count\":\"*\"" + where + "}", "count(*)" + filter + ")", SqlAggregate::exact);
            case 1 -> one("{\"sum\":" + number + skip, "sum(" + column + ")" + filter + ")", SqlAggregate::exact);
            case 2 -> {
                String f = DuckDbIT.any(random, "min", "max");
                yield one(
                        "{\"" + f + "\":" + number + skip, f + "(" + column + ")" + filter + ")", SqlAggregate::exact);
            }
            case 3 ->
                new SqlAggregate(
                        "{\"mean\":" + number + skip,
                        List.of("sum(" + column + ")" + filter + ")", "count(" + column + ")" + filter + ")"),
                        (ours, theirs) -> exact(ours, mean(theirs)));
            case 4 -> spread(random, filter, skip);
            case 5 -> {
                String f = DuckDbIT.any(random, "sum", "mean");
                yield new SqlAggregate(
                        "{\"" + f + "\":\"x\"" + skip,
                        List.of(
                                (f.equals("sum") ? "fsum" : "favg") + "(x)" + filter + ")",
                                "sum(abs(x))" + filter + ")"),
                        (ours, theirs) -> close(ours, theirs.get(0), theirs.get(1), 1e-14));
            }
            case 6 -> {
                String f = DuckDbIT.any(random, "min", "max");
                yield one(
                        "{\"" + f + "\":\"x\"" + skip,
                        f + "(x)" + filter + ")",
                        (ours, theirs) -> close(ours, theirs, theirs, 0));
            }
            case 7 -> {
                boolean population = random.nextBoolean();
                boolean root = random.nextBoolean();
                yield one(
                        "{\"" + (root ? "stddev" : "variance") + "\":\"x\",\"population\":" + population + skip,
                        (root ? "stddev" : "var") + (population ? "_pop" : "_samp") + "(x)" + filter + ")",
                        (ours, theirs) -> close(ours, theirs, theirs, 1e-9));
            }
            case 8 -> {
                String field = DuckDbIT.any(random, "s", "i");
                boolean exact = random.nextBoolean();
                // An approximate count is exact up to 512 values, and there are at most 400.
                yield one(
                        "{\"distinct\":\"" + field + "\",\"method\":\"" + (exact ? "exact" : "approximate") + "\""
                                + skip,
                        "count(DISTINCT " + field + ")" + filter + ")",
                        SqlAggregate::exact);
            }
            case 9, 10 -> {
                String at = DuckDbIT.any(random, "0", "0.01", "0.25", "0.5", "0.9", "0.95", "0.99", "0.999", "1");
                String error = DuckDbIT.any(random, "0.001", "0.01", "0.05");
                yield one(
                        "{\"quantile\":\"x\",\"at\":" + at + ",\"error\":" + error + skip,
                        "quantile_disc(x, " + at + "::DECIMAL(4, 3))" + filter + ")",
                        (ours, theirs) -> close(ours, theirs, theirs, Double.parseDouble(error)));
            }
            case 11 -> edge(random, number, column, filter, skip);
            default -> {
                boolean greatest = random.nextBoolean();
                int k = 1 + random.nextInt(6);
                yield one(
                        "{\"" + (greatest ? "largest" : "smallest") + "\":" + number + ",\"k\":" + k + skip,
                        (greatest ? "max" : "min") + "(" + column + ", " + k + ")" + filter + ")",
                        SqlAggregate::list);
            }
        };
    }

    /** The exact variance of whole numbers, from the sums of the numbers and of their squares. */
    private static SqlAggregate spread(Random random, String filter, String skip) {
        String f = DuckDbIT.any(random, "variance", "stddev");
        boolean population = random.nextBoolean();
        // Of whole numbers in both forms: the squares of the largest decimals are beyond DuckDB's 128 bits.
        String form = "\"i\"," + (random.nextBoolean() ? "\"decimal\":2" : "\"integer\":true");
        return new SqlAggregate(
                "{\"" + f + "\":" + form + ",\"population\":" + population + skip,
                List.of(
                        "count(i)" + filter + ")",
                        "sum(i::HUGEINT)" + filter + ")",
                        "sum(i::HUGEINT * i::HUGEINT)" + filter + ")"),
                (ours, theirs) -> {
                    BigDecimal n = number(theirs.get(0));
                    BigDecimal divisor = population ? n : n.subtract(BigDecimal.ONE);
                    if (divisor.signum() <= 0) {
                        assertThat(ours.isNull()).isTrue();
                        return;
                    }
                    BigDecimal sum = number(theirs.get(1));
                    BigDecimal squares = number(theirs.get(2));
                    BigDecimal variance = n.multiply(squares)
                            .subtract(sum.multiply(sum))
                            .divide(n.multiply(divisor), MathContext.DECIMAL128);
                    BigDecimal expected = f.equals("variance") ? variance : variance.sqrt(MathContext.DECIMAL128);
                    close(ours, expected.doubleValue(), expected.doubleValue(), 1e-14);
                });
    }

    private static SqlAggregate edge(Random random, String number, String column, String filter, String skip) {
        boolean last = random.nextBoolean();
        boolean text = random.nextBoolean();
        String field = text ? "s" : column;
        return one(
                "{\"" + (last ? "last" : "first") + "\":" + (text ? "\"s\"" : number) + skip,
                "arg_" + (last ? "max" : "min") + "(" + field + ", " + ORDER + ")" + filter + " AND " + field
                        + " IS NOT NULL)",
                text ? (ours, theirs) -> assertThat(ours.textValue()).isEqualTo(theirs) : SqlAggregate::exact);
    }

    /** Compares a value with the one column of an aggregate. */
    private interface OneJudge {
        void check(JsonNode ours, @Nullable Object theirs) throws SQLException;
    }

    private static SqlAggregate one(String job, String sql, OneJudge judge) {
        return new SqlAggregate(job, List.of(sql), (ours, theirs) -> judge.check(ours, theirs.get(0)));
    }

    private static BigDecimal number(@Nullable Object value) {
        return value == null ? BigDecimal.ZERO : new BigDecimal(value.toString());
    }

    private static @Nullable BigDecimal mean(List<@Nullable Object> sumAndCount) {
        BigDecimal count = number(sumAndCount.get(1));
        return count.signum() == 0 ? null : number(sumAndCount.get(0)).divide(count, 6, RoundingMode.HALF_UP);
    }

    /** Requires the same digits. */
    private static void exact(JsonNode ours, @Nullable Object theirs) {
        assertThat(ours.isNull() ? null : ours.decimalValue())
                .isEqualTo(theirs == null ? null : new BigDecimal(theirs.toString()));
    }

    /** Requires a double within an error relative to {@code of}. */
    private static void close(JsonNode ours, @Nullable Object theirs, @Nullable Object of, double error) {
        assertThat(ours.isNull()).isEqualTo(theirs == null);
        if (theirs != null && of != null) {
            double bound = Math.abs(((Number) of).doubleValue()) * error;
            assertThat(ours.doubleValue()).isCloseTo(((Number) theirs).doubleValue(), within(bound));
        }
    }

    private static void list(JsonNode ours, @Nullable Object theirs) throws SQLException {
        List<BigDecimal> mine = new ArrayList<>();
        ours.forEach(each -> mine.add(each.decimalValue()));
        List<BigDecimal> expected = new ArrayList<>();
        if (theirs != null) {
            for (Object each : (Object[]) ((Array) theirs).getArray()) {
                expected.add(new BigDecimal(each.toString()));
            }
        }
        assertThat(mine).isEqualTo(expected);
    }
}
