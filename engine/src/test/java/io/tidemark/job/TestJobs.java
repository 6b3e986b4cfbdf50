package io.tidemark.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tidemark.job.AggregateOptions.Absent;
import io.tidemark.job.AggregateOptions.Method;
import io.tidemark.job.AggregateOptions.Option;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.InputSpec.DataLoss;
import io.tidemark.job.InputSpec.OpenTransactions;
import io.tidemark.job.JobSpec.Overlap;
import io.tidemark.job.WindowSpec.Unit;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import org.jspecify.annotations.Nullable;

/** Jobs for the tests of this package: the tutorial's, changes to it, and any at all. */
final class TestJobs {
    static final String TUTORIAL = """
            { name: 'voltage-daily',
              input: { topic: 'airflow-input-topic',
                       timestamp: { field: 'datetime', pattern: 'dd/MM/yyyy HH:mm:ss', zone: 'UTC' } },
              window: { every: 'day', zone: 'UTC' },
              groupBy: [],
              aggregate: { voltage: { mean: 'voltage' } },
              output: { topic: 'airflow-output-topic', key: '{date}' } }
            """;

    private static final JsonMapper LENIENT = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES, JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .build();

    private TestJobs() {}

    static JsonNode json(String text) {
        try {
            return LENIENT.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The tutorial's job with the value at a JSON pointer replaced, or removed where the value is empty. */
    static ObjectNode with(String pointer, String value) {
        ObjectNode job = (ObjectNode) json(TUTORIAL);
        int last = pointer.lastIndexOf('/');
        ObjectNode parent = last == 0 ? job : job.withObject(pointer.substring(0, last));
        if (value.isEmpty()) {
            parent.remove(pointer.substring(last + 1));
        } else {
            parent.set(pointer.substring(last + 1), json(value));
        }
        return job;
    }

    /** The tutorial's job with a condition. */
    static ObjectNode where(String condition) {
        return ((ObjectNode) json(TUTORIAL)).put("where", condition);
    }

    /** Jobs of every kind, every setting away from its default now and then. */
    static Arbitrary<JobSpec> any() {
        Arbitrary<List<GroupField>> groups = Arbitraries.of(
                        "channel", "meter.id", "readings[0].v", "a b", "é", "[\"http.method\"]", "a[\"b.c\"].d")
                .list()
                .uniqueElements()
                .ofMaxSize(3)
                .map(TestJobs::groups);
        return Combinators.combine(
                        Combinators.combine(
                                        Arbitraries.of("a", "voltage-daily", "0-"),
                                        timestamps(),
                                        Arbitraries.of(OpenTransactions.class))
                                .as((name, time, open) -> new Object[] {name, time, open}),
                        windows(),
                        groups,
                        aggregations(),
                        Arbitraries.of(true, false),
                        starts(),
                        Arbitraries.of(Overlap.class),
                        Combinators.combine(
                                        Arbitraries.integers().between(1, 1_000),
                                        Arbitraries.of(BadRecordSpec.Policy.class),
                                        Arbitraries.longs().between(0, Long.MAX_VALUE),
                                        limits(),
                                        budgets())
                                .as((slice, policy, limit, limits, budget) -> new Object[] {
                                    slice,
                                    new BadRecordSpec(policy, limit, 1 + (int) (limit % 65_536)),
                                    limits,
                                    fitting(budget, limits)
                                }))
                .as((first, window, groupBy, aggregate, flag, start, overlap, rest) -> new JobSpec(
                        (String) first[0],
                        new InputSpec(
                                "in",
                                (TimestampSpec) first[1],
                                flag ? InputSpec.Check.NEEDED : InputSpec.Check.WHOLE,
                                flag ? DataLoss.CONTINUE : DataLoss.FAIL,
                                (OpenTransactions) first[2],
                                flag ? InputSpec.Rows.COUNT : InputSpec.Rows.REFUSE,
                                flag ? InputSpec.Until.NOMINAL : InputSpec.Until.END,
                                flag ? 16 * 1024 * 1024 : 5_000,
                                groupBy.size() < 3 ? InputSpec.Key.STRING : InputSpec.Key.JSON),
                        flag ? null : ConditionParser.parse("site in [\"a\", \"b\"] && has([\"m.v\"])"),
                        window,
                        closing(window, flag),
                        groupBy,
                        aggregate,
                        new OutputSpec(
                                "out",
                                flag ? OutputSpec.PARTITIONS : 7,
                                flag ? KeyTemplate.JSON : template(window, groupBy),
                                flag ? RowShape.DEFAULT : shape(groupBy, aggregate),
                                flag ? OutputSpec.Numbers.JSON : OutputSpec.Numbers.TEXT,
                                flag,
                                !flag,
                                flag ? DataLoss.FAIL : DataLoss.CONTINUE,
                                closing(window, flag) == null ? OutputSpec.Emit.CHANGES : OutputSpec.Emit.FINAL),
                        start,
                        overlap,
                        flag ? Duration.ofMinutes(45) : null,
                        (int) rest[0],
                        (BadRecordSpec) rest[1],
                        (RunLimits) rest[2],
                        (RunBudget) rest[3],
                        flag ? NamesSpec.NONE : new NamesSpec("team-x."),
                        flag ? Scope.PARTITION : Scope.TOPIC));
    }

    /** Paths as they are, and with three of them a group of each other kind. */
    private static List<GroupField> groups(List<String> paths) {
        List<GroupField> groups =
                new ArrayList<>(paths.stream().map(GroupField::of).toList());
        if (paths.size() == 3) {
            groups.set(0, new GroupField(new FieldRef.Path(paths.get(0)), "renamed", new TextNode("-")));
            groups.add(new GroupField(new FieldRef.KeyField("device.id"), null, BooleanNode.FALSE));
            groups.add(new GroupField(new FieldRef.Header("x: {y}"), "tenant", new IntNode(7)));
            groups.add(new GroupField(new FieldRef.Meta(FieldRef.Meta.Kind.OFFSET), null, null));
        }
        return groups;
    }

    private static @Nullable CloseSpec closing(WindowSpec window, boolean flag) {
        if (flag || window.fieldName().isEmpty()) {
            return null;
        }
        return window.fieldName().equals("date")
                ? new CloseSpec(Duration.ofHours(26), CloseSpec.By.RUN, CloseSpec.Late.COUNT, CloseSpec.MAX_AHEAD)
                : new CloseSpec(
                        Duration.ZERO, CloseSpec.By.EVENT_TIME, CloseSpec.Late.DEAD_LETTER, Duration.ofMinutes(5));
    }

    private static KeyTemplate template(WindowSpec window, List<GroupField> groupBy) {
        List<String> names =
                new ArrayList<>(groupBy.stream().map(GroupField::name).toList());
        if (!window.fieldName().isEmpty()) {
            names.add(0, window.fieldName());
        }
        return new KeyTemplate(
                String.join("/", names.stream().map(name -> "{" + name + "}").toList()));
    }

    private static RowShape shape(List<GroupField> groupBy, List<AggregationSpec> aggregate) {
        List<RowShape.Field> fields = new ArrayList<>(List.of(new RowShape.Field("records", "count")));
        aggregate.forEach(each -> fields.add(0, new RowShape.Field("the " + each.name(), each.name())));
        groupBy.forEach(each -> fields.add(new RowShape.Field("group " + each.name(), each.name())));
        return new RowShape(fields);
    }

    private static Arbitrary<ZoneId> zones() {
        return Arbitraries.of("UTC", "Z", "Europe/Berlin", "+01:00", "UTC+01:00", "Etc/UTC", "America/New_York")
                .map(ZoneId::of);
    }

    private static Arbitrary<TimestampSpec> timestamps() {
        return Arbitraries.oneOf(
                Arbitraries.just(new TimestampSpec.RecordTime()),
                Combinators.combine(
                                Arbitraries.of("t", "m.t"),
                                Arbitraries.of(TimestampSpec.Epoch.Count.class),
                                Arbitraries.of(true, false))
                        .as(TimestampSpec.Epoch::new),
                zones().map(zone -> new TimestampSpec.Iso("t", zone)),
                zones().map(zone -> new TimestampSpec.Pattern("t", "dd/MM/yyyy 'at' HH:mm:ss", zone)));
    }

    private static Arbitrary<WindowSpec> windows() {
        return Arbitraries.oneOf(
                Arbitraries.just(new WindowSpec.None()),
                Combinators.combine(Arbitraries.of(Unit.class), zones())
                        .as((unit, zone) -> new WindowSpec.Calendar(unit, zone)),
                Combinators.combine(
                                Arbitraries.of(Unit.DAY, Unit.WEEK, Unit.QUARTER),
                                zones(),
                                Arbitraries.of("00:00", "06:00", "23:59"),
                                Arbitraries.of(DayOfWeek.class),
                                spans())
                        .as((unit, zone, begins, first, span) -> new WindowSpec.Calendar(
                                unit,
                                zone,
                                LocalTime.parse(begins),
                                unit == Unit.WEEK ? first : DayOfWeek.MONDAY,
                                span)),
                Combinators.combine(durations(1), spans()).as(WindowSpec.Tumbling::new));
    }

    private static Arbitrary<Integer> spans() {
        return Arbitraries.oneOf(Arbitraries.just(1), Arbitraries.integers().between(1, WindowSpec.MOST_PANES));
    }

    private static Arbitrary<List<AggregationSpec>> aggregations() {
        return Combinators.combine(
                        Arbitraries.of("n", "voltage", "mean of it", "é.x")
                                .list()
                                .uniqueElements()
                                .ofMinSize(1),
                        Arbitraries.of(Function.class).list().ofSize(4),
                        Arbitraries.of("voltage", "m.v[0]", "[\"m.v\"]").list().ofSize(4),
                        Arbitraries.longs())
                .as((names, functions, fields, seed) -> {
                    Random random = new Random(seed);
                    List<AggregationSpec> specs = new ArrayList<>();
                    for (int i = 0; i < names.size(); i++) {
                        Function function = functions.get(i);
                        specs.add(new AggregationSpec(
                                names.get(i),
                                function,
                                function == Function.COUNT || function == Function.USE ? null : fields.get(i),
                                options(function, random),
                                function == Function.USE ? own(fields, random) : null));
                    }
                    return specs;
                });
    }

    private static OwnAggregate own(List<String> fields, Random random) {
        Map<String, Object> options = new HashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            Object value = switch (random.nextInt(3)) {
                case 0 -> "text " + random.nextInt();
                case 1 -> random.nextBoolean();
                default -> BigDecimal.valueOf(2 * random.nextInt(1_000) + 1, random.nextInt(4));
            };
            options.put("é " + random.nextInt(10), value);
        }
        return new OwnAggregate("acme.of-" + random.nextInt(3), fields.subList(0, random.nextInt(3)), options, null);
    }

    /** Options that the function takes, and that do not contradict each other. */
    private static AggregateOptions options(Function function, Random random) {
        AggregateOptions none = AggregateOptions.NONE;
        Predicate<Option> has = option -> function.options().contains(option);
        Predicate<Option> may = option -> has.test(option) && random.nextBoolean();
        boolean decimal = may.test(Option.DECIMAL);
        boolean approximate = may.test(Option.METHOD);
        Integer k = has.test(Option.K) ? Integer.valueOf(1 + random.nextInt(1_000)) : null;
        return new AggregateOptions(
                decimal ? Integer.valueOf(random.nextInt(19)) : null,
                !decimal && may.test(Option.INTEGER),
                may.test(Option.ABSENT) ? Absent.SKIP : Absent.BAD,
                may.test(Option.POPULATION),
                approximate ? Method.APPROXIMATE : Method.EXACT,
                !approximate && may.test(Option.LIMIT) ? 1 + random.nextInt(1_000_000) : none.limit(),
                approximate ? 8 + random.nextInt(9) : none.precision(),
                has.test(Option.AT)
                        ? BigDecimal.valueOf(random.nextInt(1_001), 3).stripTrailingZeros()
                        : null,
                may.test(Option.ERROR)
                        ? BigDecimal.valueOf(5 + random.nextInt(996), 4).stripTrailingZeros()
                        : none.error(),
                k,
                may.test(Option.CAPACITY) ? 1_000 + random.nextInt(9_001) : none.capacity(),
                may.test(Option.WHERE) ? ConditionParser.parse("status >= " + random.nextInt(600)) : null);
    }

    private static Arbitrary<StartSpec> starts() {
        return Arbitraries.oneOf(
                Arbitraries.just(new StartSpec.Earliest()),
                Arbitraries.just(new StartSpec.Latest()),
                Arbitraries.of("tidemark-a", "others", "earliest").map(StartSpec.GroupOffsets::new),
                Arbitraries.longs()
                        .between(-1_000_000_000_000L, 10_000_000_000_000L)
                        .map(millis -> new StartSpec.At(Instant.ofEpochMilli(millis))));
    }

    private static Arbitrary<Duration> durations(long leastMillis) {
        return Arbitraries.oneOf(
                        Arbitraries.longs().between(leastMillis, 100_000_000_000_000L),
                        Arbitraries.of(1_000L, 60_000L, 900_000L, 3_600_000L, 86_400_000L, 604_800_000L))
                .filter(millis -> millis >= leastMillis)
                .map(Duration::ofMillis);
    }

    private static Arbitrary<Long> counts() {
        return Arbitraries.oneOf(Arbitraries.longs().between(1, Long.MAX_VALUE), Arbitraries.just(Long.MAX_VALUE));
    }

    private static Arbitrary<RunBudget> budgets() {
        return Combinators.combine(counts(), counts(), durations(1).injectNull(0.5))
                .as(RunBudget::new);
    }

    private static RunBudget fitting(RunBudget budget, RunLimits limits) {
        Duration time = budget.time();
        return time == null || time.compareTo(limits.time()) < 0
                ? budget
                : new RunBudget(budget.records(), budget.bytes(), null);
    }

    private static Arbitrary<RunLimits> limits() {
        Arbitrary<Long> counts = counts();
        return Combinators.combine(
                        counts,
                        counts,
                        counts,
                        Arbitraries.integers().between(1, 50),
                        Arbitraries.integers().between(1, Integer.MAX_VALUE),
                        durations(1),
                        durations(1_000),
                        durations(1))
                .as((run, piece, split, slices, cells, time, heartbeat, host) -> new RunLimits(
                        run, piece, split, slices, cells, 1L + 5L * cells, 1 + cells / 2, time, heartbeat, host));
    }
}
