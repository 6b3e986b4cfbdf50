package io.tidemark.job;

import io.tidemark.job.Condition.Visitor;
import io.tidemark.job.ConditionTypes.Type;
import io.tidemark.job.form.InvalidJobException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Refuses a condition that is true of no record, such as {@code a > 5 && a < 3}, or false of no record, such as {@code a !=
 * 1 || a != 2}: it was meant otherwise.
 *
 * <p>It evaluates the condition for every kind of record. A field is missing, null, of another type, or has one of the
 * values of the condition, or a value between two of them. What depends on two fields, or on a part of a text, may have any
 * outcome. So it may accept a condition that is always true or always false, and refuses no other.
 *
 * <p>A release must not refuse more than the one before it: jobs are stored, in schedules and in runs.
 */
final class ConditionOutcomes implements Visitor<ConditionOutcomes.Outcome> {
    enum Outcome {
        FALSE,
        TRUE,
        ERROR;

        static Outcome of(boolean value) {
            return value ? TRUE : FALSE;
        }
    }

    /** Conditions with more kinds of records are not checked: a workflow reads its job too, and must not take long. */
    private static final long MOST_KINDS = 20_000;

    private static final int MISSING = 0;
    private static final int NULL = 1;
    /** State 2 is a value of another type; from 3 on there are the values of the field's type. */
    private static final int FIRST_VALUE = 3;

    /** The order of UTF-8, which the order of UTF-16 is not. */
    private static final Comparator<String> CODE_POINTS =
            (a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());

    private final Map<String, Type> types;
    private final Map<String, TreeSet<BigDecimal>> numbers = new TreeMap<>();
    private final Map<String, TreeSet<String>> texts = new TreeMap<>();
    /** What the outcome depends on, and how many states each has. Keys are paths and conditions. */
    private final Map<Object, Integer> sizes = new LinkedHashMap<>();

    private final Map<Object, Integer> states = new LinkedHashMap<>();
    /** True while the first walk collects what the outcome depends on. */
    private boolean collecting = true;

    private ConditionOutcomes(Condition condition) {
        types = ConditionTypes.types(condition);
        condition.accept(this);
        collecting = false;
        for (String path : ConditionTypes.paths(condition)) {
            sizes.put(path, FIRST_VALUE + values(path));
        }
    }

    private int values(String path) {
        Type type = types.get(path);
        if (type == Type.FLAG) {
            return 2;
        }
        return 1
                + 2
                        * (type == Type.NUMBER
                                ? numbersOf(path).size()
                                : textsOf(path).size());
    }

    /**
     * Checks that some record fulfils a condition and some other does not.
     *
     * @throws InvalidJobException without a path, if there is none
     */
    static void requireBoth(Condition condition) {
        boolean[] found = new boolean[Outcome.values().length];
        ConditionOutcomes outcomes = new ConditionOutcomes(condition);
        long kinds = 1;
        for (int size : outcomes.sizes.values()) {
            kinds = Math.min(kinds * size, MOST_KINDS + 1);
        }
        if (kinds > MOST_KINDS) {
            return;
        }
        outcomes.enumerate(new ArrayList<>(outcomes.sizes.keySet()), 0, condition, found);
        if (!found[Outcome.TRUE.ordinal()]) {
            throw new InvalidJobException(
                    "", "is true of no record, so nothing would be counted: " + ConditionText.of(condition));
        }
        if (!found[Outcome.FALSE.ordinal()]) {
            throw new InvalidJobException(
                    "", "is false of no record, so nothing would be filtered: " + ConditionText.of(condition));
        }
    }

    private void enumerate(List<Object> variables, int at, Condition condition, boolean[] found) {
        if (found[Outcome.TRUE.ordinal()] && found[Outcome.FALSE.ordinal()]) {
            return;
        }
        if (at == variables.size()) {
            found[condition.accept(this).ordinal()] = true;
            return;
        }
        Object variable = variables.get(at);
        for (int state = 0; state < sizes.getOrDefault(variable, 0); state++) {
            states.put(variable, state);
            enumerate(variables, at + 1, condition, found);
        }
    }

    private TreeSet<BigDecimal> numbersOf(String path) {
        return numbers.computeIfAbsent(path, unused -> new TreeSet<>());
    }

    private TreeSet<String> textsOf(String path) {
        return texts.computeIfAbsent(path, unused -> new TreeSet<>(CODE_POINTS));
    }

    private int state(Object variable) {
        return states.getOrDefault(variable, 0);
    }

    /** Compares the value of a field with a value of the condition that has {@code smaller} smaller ones. */
    private int compared(String path, int smaller) {
        return Integer.compare(state(path) - FIRST_VALUE, 2 * smaller + 1);
    }

    private boolean isValue(String path) {
        return state(path) >= FIRST_VALUE;
    }

    @Override
    public Outcome all(Condition.All condition) {
        return joined(condition.parts(), Outcome.FALSE, Outcome.TRUE);
    }

    @Override
    public Outcome any(Condition.Any condition) {
        return joined(condition.parts(), Outcome.TRUE, Outcome.FALSE);
    }

    private Outcome joined(List<Condition> parts, Outcome decides, Outcome otherwise) {
        Outcome result = otherwise;
        for (Condition each : parts) {
            Outcome outcome = each.accept(this);
            if (outcome == decides && !collecting) {
                return decides;
            }
            result = outcome == Outcome.ERROR ? outcome : result;
        }
        return result;
    }

    @Override
    public Outcome not(Condition.Not condition) {
        return switch (condition.part().accept(this)) {
            case TRUE -> Outcome.FALSE;
            case FALSE -> Outcome.TRUE;
            case ERROR -> Outcome.ERROR;
        };
    }

    @Override
    public Outcome has(Condition.Has condition) {
        return Outcome.of(state(condition.path()) != MISSING);
    }

    @Override
    public Outcome isTrue(Condition.IsTrue condition) {
        return isValue(condition.path()) ? Outcome.of(state(condition.path()) > FIRST_VALUE) : Outcome.ERROR;
    }

    @Override
    public Outcome isNull(Condition.IsNull condition) {
        return state(condition.path()) == MISSING ? Outcome.ERROR : Outcome.of(state(condition.path()) == NULL);
    }

    @Override
    public Outcome number(Condition.NumberIs condition) {
        TreeSet<BigDecimal> all = numbersOf(condition.path());
        BigDecimal number = new BigDecimal(condition.digits());
        if (collecting) {
            all.add(number);
        }
        return isValue(condition.path())
                ? Outcome.of(condition
                        .order()
                        .holds(compared(condition.path(), all.headSet(number).size())))
                : Outcome.ERROR;
    }

    @Override
    public Outcome text(Condition.TextIs condition) {
        TreeSet<String> all = textsOf(condition.path());
        if (collecting) {
            all.add(condition.text());
        }
        return isValue(condition.path())
                ? Outcome.of(condition
                        .order()
                        .holds(compared(
                                condition.path(), all.headSet(condition.text()).size())))
                : Outcome.ERROR;
    }

    @Override
    public Outcome fields(Condition.FieldsAre condition) {
        Object variable = List.of(condition.path(), condition.other());
        if (collecting) {
            // Smaller, equal, greater.
            sizes.put(variable, 3);
        }
        return isValue(condition.path()) && isValue(condition.other())
                ? Outcome.of(condition.order().holds(state(variable) - 1))
                : Outcome.ERROR;
    }

    @Override
    public Outcome numberIn(Condition.NumberIn condition) {
        return in(condition.digits().stream()
                .map(each -> number(new Condition.NumberIs(condition.path(), Order.EQUAL, each)))
                .toList());
    }

    @Override
    public Outcome textIn(Condition.TextIn condition) {
        return in(condition.texts().stream()
                .map(each -> text(new Condition.TextIs(condition.path(), Order.EQUAL, each)))
                .toList());
    }

    private static Outcome in(List<Outcome> each) {
        return each.contains(Outcome.TRUE) ? Outcome.TRUE : each.get(0);
    }

    @Override
    public Outcome textHas(Condition.TextHas condition) {
        if (collecting) {
            sizes.put(condition, 2);
        }
        return isValue(condition.path()) ? Outcome.of(state(condition) == 1) : Outcome.ERROR;
    }
}
