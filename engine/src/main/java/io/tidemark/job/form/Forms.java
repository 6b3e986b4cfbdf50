package io.tidemark.job.form;

import java.math.BigDecimal;
import java.util.List;
import java.util.function.LongFunction;

/** The forms of numbers, switches and choices. */
public final class Forms {
    private Forms() {}

    /** True or false. */
    public static Form<Boolean> flag() {
        return new FlagForm();
    }

    /** A whole number from {@code least} to {@code most}. */
    public static Form<Integer> whole(int least, int most) {
        return new NumberForm<>(least, most, Math::toIntExact);
    }

    /** A whole number of at least {@code least}. */
    public static Form<Long> atLeast(long least) {
        LongFunction<Long> same = Long::valueOf;
        return new NumberForm<>(least, Long.MAX_VALUE, same);
    }

    /** A number from {@code least} to {@code most}, with decimals. */
    public static Form<BigDecimal> fraction(double least, double most) {
        return new FractionForm(least, most);
    }

    /** One of the constants of an enum, each written as {@link ChoiceForm#name} writes it. */
    public static <E extends Enum<E>> Form<E> choice(Class<E> type) {
        return new ChoiceForm<>(type);
    }

    /** A list of values of one form, such as {@code [channel, meter.id]}. */
    public static <V> Form<List<V>> list(Form<V> element, String expected) {
        return new ListForm<>(element, expected);
    }

    /** The same list, where a single value may stand alone; no value of the form may be a list. */
    public static <V> Form<List<V>> oneOrMore(Form<V> element) {
        return new OneOrMoreForm<>(element);
    }
}
