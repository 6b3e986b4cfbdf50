package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.testkit.JobJson;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * Compares conditions on {@code key()}, {@code header("x")}, {@code partition()}, {@code offset()} and {@code timestamp()}
 * with cel-java, on random conditions and random records. CEL has no such functions: for CEL they are fields of a map, which
 * lacks what the record lacks.
 */
class KafkaFieldsAgainstCelTest {
    private static final long TIME = 1_166_892_720_000L;

    private static final CelCompiler COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
            .setStandardMacros(CelStandardMacro.HAS)
            .addVar("k", SimpleType.DYN)
            .build();
    private static final CelRuntime RUNTIME =
            CelRuntimeFactory.standardCelRuntimeBuilder().build();

    /** What the condition calls each of them, and what CEL does. */
    private static final Map<String, String> FOR_CEL = Map.of(
            "key()", "k.key",
            "header(\"x\")", "k.x",
            "header(\"ä b\")", "k.y",
            "partition()", "k.partition",
            "offset()", "k.offset",
            "timestamp()", "k.timestamp");

    private enum Answer {
        TRUE,
        FALSE,
        ERROR
    }

    private enum Key {
        STRING,
        LONG,
        JSON
    }

    /** A record; what is null is missing. The key is a text, a number, or a JSON object with the text a. */
    record Place(
            int partition,
            long offset,
            boolean hasTime,
            @Nullable Object key,
            @Nullable String x,
            @Nullable String y) {}

    /** A condition, and the form of the key that it needs. */
    record Filter(Key key, String text) {}

    @Property
    void aConditionSaysWhatCelSays(@ForAll("filters") Filter filter, @ForAll("places") Place place) throws Exception {
        JobSpec job;
        try {
            job = JobJson.job("{ input: { topic: 'in', timestamp: { field: 't', format: 'epochMillis' }"
                    + (filter.key == Key.STRING
                            ? ""
                            : ", key: '" + filter.key.name().toLowerCase(Locale.ROOT) + "'")
                    + " }, aggregate: { n: 'count' }, where: " + TextNode.valueOf(filter.text) + " }");
        } catch (InvalidJobException e) {
            refusedRightly(e.problem(), filter, place);
            return;
        }
        assertThat(ours(job, filter.key, place)).as(filter + " of " + place).isEqualTo(cels(filter, place));
    }

    private static void refusedRightly(String problem, Filter filter, Place place) throws Exception {
        if (problem.startsWith("is true of no record")) {
            assertThat(cels(filter, place)).as(filter + " of " + place).isNotEqualTo(Answer.TRUE);
        } else if (problem.startsWith("is false of no record")) {
            assertThat(cels(filter, place)).as(filter + " of " + place).isNotEqualTo(Answer.FALSE);
        } else {
            assertThat(problem)
                    .containsAnyOf("is compared with itself", "stands twice", "nothing in the job reads the key");
        }
    }

    private static Answer ours(JobSpec job, Key form, Place place) throws Exception {
        InputRecord record = new InputRecord();
        record.setPlace(place.partition, place.offset, place.hasTime ? TIME : -1);
        record.setContent(key(form, place.key), utf8("{\"t\":0}"));
        HeaderBytes headers = new HeaderBytes(more -> {});
        int count = (place.x == null ? 0 : 1) + (place.y == null ? 0 : 1);
        headers.begin(count);
        if (place.x != null) {
            headers.add("x", utf8(place.x).array());
        }
        if (place.y != null) {
            headers.add("ä b", utf8(place.y).array());
        }
        headers.set(record);
        CellTable table = new CellTable(CellLayout.of(job), 10);
        try {
            new JobFolder(job).fold(table, null, record);
        } catch (MalformedRecordException e) {
            return Answer.ERROR;
        }
        return table.size() == 1 ? Answer.TRUE : Answer.FALSE;
    }

    private static @Nullable ByteBuffer key(Key form, @Nullable Object key) {
        if (key == null) {
            return null;
        }
        return switch (form) {
            case STRING -> utf8("key " + key);
            case LONG -> ByteBuffer.allocate(8).putLong(0, ((Double) number(key)).longValue());
            case JSON -> utf8("{\"a\":\"" + key + "\"}");
        };
    }

    /** The whole number that a key is for {@code input.key: long}. */
    private static Object number(Object key) {
        return key instanceof Double number ? number : 7.0;
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Answer cels(Filter filter, Place place) throws Exception {
        String text = filter.text;
        for (Map.Entry<String, String> each : FOR_CEL.entrySet()) {
            text = text.replace(each.getKey(), each.getValue());
        }
        Map<String, Object> record = new HashMap<>();
        record.put("partition", (double) place.partition);
        record.put("offset", (double) place.offset);
        put(record, "timestamp", place.hasTime ? (Object) (double) TIME : null);
        put(record, "x", place.x);
        put(record, "y", place.y);
        switch (filter.key) {
            case STRING -> put(record, "key", place.key == null ? null : "key " + place.key);
            case LONG -> put(record, "key", place.key == null ? null : number(place.key));
            // A record without a key has none of its fields; CEL has no has() of a field of nothing.
            case JSON -> record.put("key", place.key == null ? Map.of() : Map.of("a", place.key.toString()));
        }
        CelRuntime.Program program =
                RUNTIME.createProgram(COMPILER.compile(text).getAst());
        try {
            return (boolean) program.eval(Map.of("k", record)) ? Answer.TRUE : Answer.FALSE;
        } catch (CelEvaluationException e) {
            return Answer.ERROR;
        }
    }

    private static void put(Map<String, Object> record, String name, @Nullable Object value) {
        if (value != null) {
            record.put(name, value);
        }
    }

    @Provide
    Arbitrary<Place> places() {
        Arbitrary<Object> key = Arbitraries.of(-1.0, 0.0, 7.0, "a", "b", "ä");
        Arbitrary<String> text = Arbitraries.of("", "a", "ab", "ä");
        return Combinators.combine(
                        Arbitraries.of(0, 1, 300),
                        Arbitraries.of(0L, 42L, 1L << 40),
                        Arbitraries.of(true, true, true, false),
                        key.injectNull(0.2),
                        text.injectNull(0.2),
                        text.injectNull(0.2))
                .as(Place::new);
    }

    @Provide
    Arbitrary<Filter> filters() {
        return Arbitraries.of(Key.values()).flatMap(key -> conditions(key, 2).map(text -> new Filter(key, text)));
    }

    private static Arbitrary<String> conditions(Key key, int depth) {
        if (depth == 0) {
            return simple(key);
        }
        Arbitrary<String> inner = conditions(key, depth - 1);
        return Arbitraries.oneOf(
                simple(key),
                inner.map(each -> "!(" + each + ")"),
                Combinators.combine(inner, Arbitraries.of(" && ", " || "), inner)
                        .as((a, join, b) -> "(" + a + join + b + ")"));
    }

    private static Arbitrary<String> simple(Key key) {
        Arbitrary<String> order = Arbitraries.of("==", "!=", "<", "<=", ">", ">=");
        Arbitrary<String> whole = Arbitraries.of("partition()", "offset()", "timestamp()");
        Arbitrary<String> number = Arbitraries.of("-1.0", "0.0", "1.0", "7.0", "42.0", "300.0", TIME + ".0");
        Arbitrary<String> header = Arbitraries.of("header(\"x\")", "header(\"ä b\")");
        Arbitrary<String> text = Arbitraries.of("''", "'a'", "'ab'", "'ä'");
        Arbitrary<String> ofKey = switch (key) {
            case STRING -> text(Arbitraries.of("key()"), order, Arbitraries.of("'key a'", "'key 7.0'", "'x'"));
            case LONG ->
                Combinators.combine(Arbitraries.of("key()"), order, number).as((a, o, b) -> a + " " + o + " " + b);
            case JSON ->
                Arbitraries.oneOf(
                        text(Arbitraries.of("key().a"), order, text), Arbitraries.of("has(key().a)", "has(key().z)"));
        };
        return Arbitraries.oneOf(
                ofKey,
                key == Key.JSON ? ofKey : Arbitraries.of("has(key())", "!has(key())"),
                text(header, order, text),
                Combinators.combine(whole, order, number).as((a, o, b) -> a + " " + o + " " + b),
                Combinators.combine(whole, number, number).as((a, x, y) -> a + " in [" + x + ", " + y + "]"),
                Combinators.combine(whole, order, whole).as((a, o, b) -> a + " " + o + " " + b),
                Arbitraries.of("has(header(\"x\"))", "!has(header(\"ä b\"))", "has(timestamp())"));
    }

    private static Arbitrary<String> text(Arbitrary<String> field, Arbitrary<String> order, Arbitrary<String> text) {
        return Arbitraries.oneOf(
                Combinators.combine(field, order, text).as((a, o, b) -> a + " " + o + " " + b),
                Combinators.combine(field, text.filter(each -> !each.equals("''")))
                        .as((a, b) -> a + ".startsWith(" + b + ")"),
                Combinators.combine(field, text, text).as((a, x, y) -> a + " in [" + x + ", " + y + "]"));
    }
}
