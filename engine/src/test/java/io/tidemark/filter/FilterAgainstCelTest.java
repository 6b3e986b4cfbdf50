package io.tidemark.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.tidemark.job.Condition;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.json.FieldPath;
import io.tidemark.json.FieldScanner;
import io.tidemark.json.FieldValues;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Compares filters with cel-java, on random filters and random records. Fields are r.a and so on: CEL has no has(a). */
class FilterAgainstCelTest {
    private static final CelCompiler COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
            .setStandardMacros(CelStandardMacro.HAS)
            .addVar("r", SimpleType.DYN)
            .build();
    private static final CelRuntime RUNTIME =
            CelRuntimeFactory.standardCelRuntimeBuilder().build();

    private enum Answer {
        TRUE,
        FALSE,
        ERROR
    }

    @Property
    void aFilterSaysWhatCelSays(
            @ForAll("filters") String filter, @ForAll("records") Map<String, @Nullable Object> record)
            throws Exception {
        Condition where;
        try {
            where = JobJson.where(filter).where();
        } catch (InvalidJobException e) {
            refusedRightly(e.problem(), filter, record);
            return;
        }
        assertThat(ours(Objects.requireNonNull(where), record))
                .as(filter + " of " + json(record))
                .isEqualTo(cels(filter, record));
    }

    /** What is true of no record must be true of none for CEL either. */
    private static void refusedRightly(String problem, String filter, Map<String, @Nullable Object> record)
            throws Exception {
        if (problem.startsWith("is true of no record")) {
            assertThat(cels(filter, record)).as(filter + " of " + json(record)).isNotEqualTo(Answer.TRUE);
        } else if (problem.startsWith("is false of no record")) {
            assertThat(cels(filter, record)).as(filter + " of " + json(record)).isNotEqualTo(Answer.FALSE);
        } else {
            assertThat(problem).containsAnyOf("is compared with itself", "stands twice");
        }
    }

    private static Answer ours(Condition where, Map<String, @Nullable Object> record) throws Exception {
        List<FieldPath> fields = where.paths().stream().map(FieldPath::parse).toList();
        FieldValues values = new FieldValues(fields);
        byte[] bytes = json(record).getBytes(StandardCharsets.UTF_8);
        new FieldScanner(fields).scan(bytes, 0, bytes.length, values);
        try {
            return new Filter(where, where.paths()::indexOf).accepts(values) ? Answer.TRUE : Answer.FALSE;
        } catch (MalformedRecordException e) {
            return Answer.ERROR;
        }
    }

    private static Answer cels(String text, Map<String, @Nullable Object> record) throws Exception {
        CelRuntime.Program program =
                RUNTIME.createProgram(COMPILER.compile(text).getAst());
        try {
            return (boolean) program.eval(Map.of("r", record)) ? Answer.TRUE : Answer.FALSE;
        } catch (CelEvaluationException e) {
            return Answer.ERROR;
        }
    }

    private static String json(Map<String, @Nullable Object> record) {
        return record.entrySet().stream()
                .map(field -> "\"" + field.getKey() + "\":"
                        + (field.getValue() instanceof String text ? "\"" + text + "\"" : field.getValue()))
                .collect(Collectors.joining(",", "{\"r\":{", "}}"));
    }

    /** Numbers in a and b, texts in s and t, true or false in f; each may be missing. */
    @Provide
    Arbitrary<Map<String, @Nullable Object>> records() {
        Arbitrary<Object> number = Arbitraries.of(-1.0, 0.0, 1.0, 1.5, 2.0, 1e300);
        Arbitrary<Object> text = Arbitraries.of("", "a", "b", "ab", "ba", "ä");
        Arbitrary<Object> flag = Arbitraries.of(true, false);
        return Combinators.combine(
                        number.injectNull(0.1),
                        number.injectNull(0.1),
                        text.injectNull(0.1),
                        text.injectNull(0.1),
                        flag.injectNull(0.1))
                .as((a, b, s, t, f) -> {
                    Map<String, @Nullable Object> record = new TreeMap<>();
                    put(record, "a", a);
                    put(record, "b", b);
                    put(record, "s", s);
                    put(record, "t", t);
                    put(record, "f", f);
                    return record;
                });
    }

    private static void put(Map<String, @Nullable Object> record, String name, @Nullable Object value) {
        if (value != null) {
            record.put(name, value);
        }
    }

    @Provide
    Arbitrary<String> filters() {
        return conditions(3);
    }

    private static Arbitrary<String> conditions(int depth) {
        if (depth == 0) {
            return simple();
        }
        Arbitrary<String> inner = conditions(depth - 1);
        return Arbitraries.oneOf(
                simple(),
                inner.map(each -> "!(" + each + ")"),
                Combinators.combine(inner, Arbitraries.of(" && ", " || "), inner)
                        .as((a, join, b) -> a + join + b),
                Combinators.combine(inner, Arbitraries.of(" && ", " || "), inner)
                        .as((a, join, b) -> "(" + a + join + b + ")"));
    }

    private static Arbitrary<String> simple() {
        Arbitrary<String> order = Arbitraries.of("==", "!=", "<", "<=", ">", ">=");
        Arbitrary<String> number = Arbitraries.of("r.a", "r.b");
        Arbitrary<String> text = Arbitraries.of("r.s", "r.t");
        Arbitrary<String> numberLiteral = Arbitraries.of("-1.0", "0.0", "1.0", "1.5", "1e300");
        Arbitrary<String> textLiteral = Arbitraries.of("''", "'a'", "\"b\"", "'ab'", "'\\u00e4'");
        Arbitrary<String> part = Arbitraries.of("'a'", "\"b\"", "'ab'", "'\\u00e4'");
        return Arbitraries.oneOf(
                Combinators.combine(number, order, numberLiteral).as((a, o, b) -> a + " " + o + " " + b),
                Combinators.combine(numberLiteral, order, number).as((a, o, b) -> a + " " + o + " " + b),
                Combinators.combine(number, order, number).as((a, o, b) -> a + " " + o + " " + b),
                Combinators.combine(text, order, textLiteral).as((a, o, b) -> a + o + b),
                Combinators.combine(text, order, text).as((a, o, b) -> a + o + b),
                Combinators.combine(number, numberLiteral, numberLiteral)
                        .as((a, x, y) -> a + " in [" + x + ", " + y + "]"),
                Combinators.combine(text, textLiteral, textLiteral).as((a, x, y) -> a + " in [" + x + "," + y + "]"),
                Combinators.combine(text, Arbitraries.of("startsWith", "endsWith", "contains"), part)
                        .as((a, function, b) -> a + "." + function + "(" + b + ")"),
                Combinators.combine(text, Arbitraries.of("'^a'", "'b$'", "'^.$'", "'[ab]{2}'", "'ä|b'"))
                        .as((a, b) -> a + ".matches(" + b + ")"),
                Arbitraries.of("r.f", "!r.f", "r.f == true", "r.f != true", "false == r.f"),
                Arbitraries.of("has(r.a)", "has(r.s)", "!has(r.f)", "has(r.z)"));
    }
}
