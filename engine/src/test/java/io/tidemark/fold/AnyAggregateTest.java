package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.csv.CellCsv;
import io.tidemark.job.JobSpec;
import io.tidemark.row.RowEncoder;
import io.tidemark.state.ChunkCodec;
import io.tidemark.testkit.JobJson;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Every aggregate of random records, cut into parts at random, each part through a staged file and through chunks, merged as a
 * random tree. The rows are those of a judge that knows no class of the product: it has all records in a list, and computes with
 * BigDecimal, sets and sorting.
 */
class AnyAggregateTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private static final JobSpec JOB = JobJson.job("""
            { input: { topic: 'in', timestamp: { field: 'at', format: 'epochMillis' } },
              window: { every: 'hour', zone: 'UTC' }, groupBy: ['g'], output: { topic: 'out' },
              aggregate: {
                n: 'count', plain: { sum: 'd' }, high: { max: 'd' },
                big: { count: '*', where: 'd > 0' },
                sum: { sum: 'm', decimal: 2, absent: 'skip' }, mean: { mean: 'm', decimal: 2, absent: 'skip' },
                low: { min: 'm', decimal: 2, absent: 'skip' }, top: { max: 'm', decimal: 2, absent: 'skip' },
                var: { variance: 'm', decimal: 2, absent: 'skip' },
                some: { sum: 'm', decimal: 2, absent: 'skip', where: 'd > 0' },
                whole: { sum: 'i', integer: true }, wholeMean: { mean: 'i', integer: true },
                dsum: { sum: 'o', absent: 'skip' }, dmin: { min: 'o', absent: 'skip' }, dvar: { variance: 'o', absent: 'skip' },
                first: { first: 'u' }, last: { last: 'u' },
                lastWhole: { last: 'i', integer: true }, firstSome: { first: 'm', decimal: 2, absent: 'skip' },
                users: { distinct: 'u' }, about: { distinct: 'u', method: 'approximate', precision: 8 },
                p50: { quantile: 'd', at: 0.5, error: 0.01 }, p0: { quantile: 'd', at: 0 }, p90: { quantile: 'd', at: 0.9, error: 0.01 },
                largest: { largest: 'i', k: 3, integer: true }, smallest: { smallest: 'd', k: 2 },
                often: { frequent: 'u', k: 2, capacity: 4 } } }""");

    /** A record, and where it is in its topic. */
    private record Located(int partition, long offset, JsonNode json) {
        long at() {
            return json.get("at").longValue();
        }

        BigDecimal number(String field) {
            return json.get(field).isTextual()
                    ? new BigDecimal(json.get(field).textValue())
                    : json.get(field).decimalValue();
        }
    }

    @Property(tries = 300)
    void anyCutAndAnyMergeGiveTheRowsOfTheJudge(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        List<Located> records = records(random, 1 + random.nextInt(60));

        Map<String, JsonNode> rows = rows(records, random);

        Map<String, List<Located>> groups = new TreeMap<>();
        for (Located each : records) {
            groups.computeIfAbsent(each.at() / 3_600_000 + "/" + each.json.get("g"), key -> new ArrayList<>())
                    .add(each);
        }
        assertThat(rows.keySet()).isEqualTo(groups.keySet());
        groups.forEach((key, group) -> judge(rows.get(key), group));
    }

    private static List<Located> records(Random random, int count) throws Exception {
        List<Located> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String amount = random.nextInt(200_000) - 100_000 + "";
            String cents = new BigDecimal(amount).movePointLeft(2).toPlainString();
            String optional = switch (random.nextInt(4)) {
                case 0 -> "";
                case 1 -> ",\"m\":null";
                case 2 -> ",\"m\":\"" + cents + "\"";
                default -> ",\"m\":" + cents;
            };
            if (random.nextBoolean()) {
                optional += ",\"o\":" + random.nextInt(1_000) / 8.0;
            }
            long whole = random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(5);
            String user = random.nextInt(3) == 0 ? "" + random.nextInt(5) : "\"u" + random.nextInt(12) + "\"";
            records.add(new Located(
                    random.nextInt(3),
                    i,
                    JSON.readTree("{\"at\":" + random.nextInt(7_200_000) / 60_000 * 60_000 + ",\"g\":"
                            + random.nextInt(2) + ",\"d\":" + (random.nextInt(2_000) - 500) / 4.0 + ",\"i\":" + whole
                            + ",\"u\":" + user + optional + "}")));
        }
        return records;
    }

    private static Map<String, JsonNode> rows(List<Located> records, Random random) throws Exception {
        CellLayout layout = CellLayout.of(JOB);
        List<CellTable> parts = new ArrayList<>();
        for (int from = 0; from < records.size(); ) {
            int to = Math.min(records.size(), from + 1 + random.nextInt(20));
            CellTable part = new CellTable(layout, 1_000);
            JobFolder folder = new JobFolder(JOB);
            for (Located each : records.subList(from, to)) {
                byte[] value = each.json.toString().getBytes(StandardCharsets.UTF_8);
                InputRecord input = new InputRecord();
                input.setPlace(each.partition, each.offset, 0);
                input.setContent(value, 0, InputRecord.NULL, 0, value.length);
                folder.fold(part, null, input);
            }
            parts.add(random.nextBoolean() ? staged(part) : stored(part, 32 << random.nextInt(8)));
            from = to;
        }
        while (parts.size() > 1) {
            CellTable one = parts.remove(random.nextInt(parts.size()));
            CellTable other = parts.remove(random.nextInt(parts.size()));
            one.mergeAll(other);
            parts.add(random.nextInt(3) == 0 ? stored(one, 1_000) : one);
        }
        CellTable totals = parts.get(0);
        RowEncoder encoder = new RowEncoder(JOB);
        Map<String, JsonNode> rows = new TreeMap<>();
        for (int slot : totals.sortedSlots()) {
            JsonNode row = JSON.readTree(encoder.value(totals, slot));
            rows.put(totals.window(slot) / 3_600_000 + "/" + row.get("g"), row);
        }
        return rows;
    }

    private static CellTable staged(CellTable part) throws Exception {
        StringBuilder csv = new StringBuilder();
        new CellCsv(JOB).write(csv, new TreeMap<>(Map.of(0, part)));
        CellTable read = new CellTable(CellLayout.of(JOB), 1_000);
        new CellCsv(JOB).read(new StringReader(csv.toString()), partition -> read);
        return read;
    }

    private static CellTable stored(CellTable part, int chunkBytes) throws Exception {
        ChunkCodec codec = new ChunkCodec(part.layout());
        CellTable read = new CellTable(part.layout(), 1_000);
        int[] order = part.sortedSlots();
        for (int slot : order) {
            for (byte[] chunk : codec.encode(part, new int[] {slot}, chunkBytes, length -> {})) {
                codec.decode(chunk, part.window(slot), read);
            }
        }
        return read;
    }

    private static void judge(JsonNode row, List<Located> group) {
        List<BigDecimal> amounts = numbers(group, "m");
        List<BigDecimal> doubles = numbers(group, "d");
        List<BigDecimal> wholes = numbers(group, "i");
        List<BigDecimal> optional = numbers(group, "o");
        List<Located> positive =
                group.stream().filter(each -> each.number("d").signum() > 0).toList();
        Comparator<Located> order = Comparator.comparingLong(Located::at)
                .thenComparingInt(Located::partition)
                .thenComparingLong(Located::offset);
        List<Located> ordered = group.stream().sorted(order).toList();

        is(row, "n", BigDecimal.valueOf(group.size()));
        is(row, "plain", sum(doubles));
        is(row, "high", doubles.stream().reduce(BigDecimal::max).orElseThrow());
        is(row, "big", BigDecimal.valueOf(positive.size()));
        is(row, "sum", amounts.isEmpty() ? null : sum(amounts).setScale(2));
        is(row, "mean", amounts.isEmpty() ? null : mean(amounts));
        is(row, "low", amounts.stream().reduce(BigDecimal::min).orElse(null));
        is(row, "top", amounts.stream().reduce(BigDecimal::max).orElse(null));
        spread(row, "var", amounts);
        List<BigDecimal> some = numbers(positive, "m");
        is(row, "some", some.isEmpty() ? null : sum(some));
        is(row, "whole", sum(wholes));
        is(row, "wholeMean", mean(wholes));
        is(row, "dsum", optional.isEmpty() ? null : sum(optional));
        is(row, "dmin", optional.stream().reduce(BigDecimal::min).orElse(null));
        spread(row, "dvar", optional);
        assertThat(row.get("first")).isEqualTo(ordered.get(0).json.get("u"));
        assertThat(row.get("last"))
                .isEqualTo(ordered.get(ordered.size() - 1).json.get("u"));
        is(row, "lastWhole", ordered.get(ordered.size() - 1).number("i"));
        is(
                row,
                "firstSome",
                ordered.stream()
                        .filter(each -> each.json.hasNonNull("m"))
                        .map(each -> each.number("m"))
                        .findFirst()
                        .orElse(null));
        long users =
                new HashSet<>(group.stream().map(each -> each.json.get("u")).toList()).size();
        is(row, "users", BigDecimal.valueOf(users));
        is(row, "about", BigDecimal.valueOf(users));
        List<BigDecimal> sorted = doubles.stream().sorted().toList();
        is(row, "p0", sorted.get(0));
        near(row, "p50", sorted.get(rank(sorted, 50)));
        near(row, "p90", sorted.get(rank(sorted, 90)));
        list(row, "smallest", sorted.stream().limit(2).toList());
        list(
                row,
                "largest",
                wholes.stream().sorted(Comparator.reverseOrder()).limit(3).toList());
        frequent(row.get("often"), group);
    }

    private static List<BigDecimal> numbers(List<Located> group, String field) {
        return group.stream()
                .filter(each -> each.json.hasNonNull(field))
                .map(each -> each.number(field))
                .toList();
    }

    private static BigDecimal sum(List<BigDecimal> numbers) {
        return numbers.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal mean(List<BigDecimal> numbers) {
        return sum(numbers).divide(BigDecimal.valueOf(numbers.size()), 6, RoundingMode.HALF_UP);
    }

    /** A value is the expected number, or null; all sums of this test are exact in doubles too. */
    private static void is(JsonNode row, String name, BigDecimal expected) {
        if (expected == null) {
            assertThat(row.get(name).isNull()).as("%s of %s", name, row).isTrue();
        } else {
            assertThat(row.get(name).decimalValue()).as("%s of %s", name, row).isEqualByComparingTo(expected);
        }
    }

    private static void spread(JsonNode row, String name, List<BigDecimal> numbers) {
        if (numbers.size() < 2) {
            assertThat(row.get(name).isNull()).as("%s of %s", name, row).isTrue();
            return;
        }
        BigDecimal count = BigDecimal.valueOf(numbers.size());
        BigDecimal mean = sum(numbers).divide(count, new MathContext(60));
        BigDecimal squares =
                numbers.stream().map(each -> each.subtract(mean).pow(2)).reduce(BigDecimal.ZERO, BigDecimal::add);
        double expected = squares.divide(count.subtract(BigDecimal.ONE), new MathContext(60))
                .doubleValue();
        assertThat(row.get(name).doubleValue()).as(name).isCloseTo(expected, within(1e-9 * Math.max(1, expected)));
    }

    private static int rank(List<BigDecimal> sorted, int percent) {
        return Math.max(1, (sorted.size() * percent + 99) / 100) - 1;
    }

    private static void near(JsonNode row, String name, BigDecimal expected) {
        assertThat(row.get(name).doubleValue())
                .as(name)
                .isCloseTo(expected.doubleValue(), within(0.01 * Math.abs(expected.doubleValue())));
    }

    private static void list(JsonNode row, String name, List<BigDecimal> expected) {
        List<BigDecimal> found = new ArrayList<>();
        row.get(name).forEach(each -> found.add(each.decimalValue()));
        assertThat(found).as(name).usingElementComparator(BigDecimal::compareTo).isEqualTo(expected);
    }

    /** The stated bounds of each value hold, and a value that must be there is there. */
    private static void frequent(JsonNode often, List<Located> group) {
        Map<JsonNode, Long> counts = new HashMap<>();
        group.forEach(each -> counts.merge(each.json.get("u"), 1L, Long::sum));
        long error = group.size() / 5;
        for (JsonNode each : often) {
            long count = counts.get(each.get("value"));
            assertThat(each.get("atLeast").longValue()).isBetween(count - error, count);
            assertThat(each.get("atMost").longValue()).isBetween(count, count + error);
        }
        assertThat(often).hasSizeLessThanOrEqualTo(2);
        long most = counts.values().stream().mapToLong(each -> each).max().orElseThrow();
        if (most > error) {
            assertThat(often).isNotEmpty();
        }
    }
}
