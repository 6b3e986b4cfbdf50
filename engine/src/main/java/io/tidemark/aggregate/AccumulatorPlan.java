package io.tidemark.aggregate;

import io.tidemark.aggregate.Accumulator.CountOf;
import io.tidemark.aggregate.NumberAccumulators.EdgeOfLongs;
import io.tidemark.aggregate.NumberAccumulators.ExtremeOfDoubles;
import io.tidemark.aggregate.NumberAccumulators.ExtremeOfLongs;
import io.tidemark.aggregate.NumberAccumulators.MomentsOfDoubles;
import io.tidemark.aggregate.NumberAccumulators.SquaresOfLongs;
import io.tidemark.aggregate.NumberAccumulators.SumOfDoubles;
import io.tidemark.aggregate.NumberAccumulators.SumOfLongs;
import io.tidemark.aggregate.Operand.Type;
import io.tidemark.aggregate.PartAccumulator.Adder;
import io.tidemark.job.AggregateOptions;
import io.tidemark.job.AggregateOptions.Method;
import io.tidemark.job.AggregationSpec;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.JobSpec;
import io.tidemark.job.OwnAggregate;
import io.tidemark.number.Decimals;
import io.tidemark.number.ExactVariance;
import io.tidemark.number.Moments;
import io.tidemark.number.Squares192;
import io.tidemark.number.Sum128;
import io.tidemark.part.ApproximateDistinct;
import io.tidemark.part.ExactDistinct;
import io.tidemark.part.Frequent;
import io.tidemark.part.NumberEdge;
import io.tidemark.part.Part;
import io.tidemark.part.PartKind;
import io.tidemark.part.Quantiles;
import io.tidemark.part.Ranked;
import io.tidemark.part.TextEdge;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds the accumulators that a job's aggregates need. Aggregates share what they can: a mean and a sum need one sum. */
final class AccumulatorPlan {
    /** A value in the form of a group has a type and a length before its bytes. */
    private static final int VALUE_HEADER = 6;

    private final JobSpec job;
    private final int longest;
    private final List<Operand> operands = new ArrayList<>();
    private final Map<String, Accumulator> accumulators = new LinkedHashMap<>();

    AccumulatorPlan(JobSpec job) {
        this.job = job;
        longest = job.badRecords().groupBytes() + VALUE_HEADER;
    }

    List<Operand> operands() {
        return List.copyOf(operands);
    }

    /** Counters first, because others need their counts. */
    List<Accumulator> accumulators() {
        List<Accumulator> all = new ArrayList<>(accumulators.values());
        all.sort((one, other) -> Boolean.compare(other instanceof CountOf, one instanceof CountOf));
        return all;
    }

    /** Adds what an aggregate needs; returns how its value is computed. */
    RowValue add(AggregationSpec spec) {
        Operand operand = Operand.of(spec);
        AggregateOptions options = spec.options();
        boolean exact = operand.isExact();
        return switch (spec.function()) {
            case COUNT -> count(operand);
            case SUM -> exact ? exactSum(operand) : sum(operand);
            case MEAN -> exact ? exactMean(operand) : mean(operand);
            case MIN, MAX -> exact ? exactExtreme(spec, operand) : extreme(spec, operand);
            case VARIANCE, STDDEV -> exact ? exactSpread(spec, operand) : spread(spec, operand);
            case FIRST, LAST -> exact ? exactEdge(spec, operand) : edge(spec, operand);
            case DISTINCT ->
                options.method() == Method.EXACT
                        ? distinct(operand)
                        : approximateDistinct(operand, options.precision());
            case QUANTILE -> quantile(operand, options);
            case LARGEST, SMALLEST -> ranked(spec, operand);
            case FREQUENT -> frequent(operand, options);
            case USE -> own(spec);
        };
    }

    private int number(Operand operand) {
        int number = operands.indexOf(operand);
        if (number < 0) {
            number = operands.size();
            operands.add(operand);
        }
        return number;
    }

    @SuppressWarnings("unchecked") // the name says the class
    private <A extends Accumulator> A shared(String name, Supplier<A> make) {
        A present = (A) accumulators.get(name);
        if (present == null) {
            present = make.get();
            accumulators.put(name, present);
        }
        return present;
    }

    /** What counts the records of an operand; null if all of a cell count. */
    private @Nullable CountOf counter(Operand operand) {
        String name = "count(" + operand + ")";
        return operand.isPartial() ? shared(name, () -> new CountOf(name, number(operand))) : null;
    }

    private RowValue count(Operand operand) {
        CountOf counter = Objects.requireNonNull(counter(operand), "a count of all records is plain");
        return (table, slot, out) ->
                out.digits(Long.toString(table.accumulators().whole(slot, counter.longAt)));
    }

    /** Writes a value of numbers that is there if a record counted. */
    private static RowValue ifAny(Accumulator accumulator, RowValue value) {
        return (table, slot, out) -> {
            if (accumulator.count(table.accumulators(), slot, table.count(slot)) == 0) {
                out.none();
            } else {
                value.write(table, slot, out);
            }
        };
    }

    private static long count(Accumulator accumulator, CellTable table, int slot) {
        return accumulator.count(table.accumulators(), slot, table.count(slot));
    }

    private SumOfDoubles sumOfDoubles(Operand operand) {
        String name = "sum(" + operand + ")";
        return shared(name, () -> new SumOfDoubles(name, number(operand), counter(operand)));
    }

    private RowValue sum(Operand operand) {
        SumOfDoubles sum = sumOfDoubles(operand);
        return ifAny(sum, (table, slot, out) -> out.real(sum.sum(table.accumulators(), slot)));
    }

    private RowValue mean(Operand operand) {
        SumOfDoubles sum = sumOfDoubles(operand);
        return ifAny(
                sum, (table, slot, out) -> out.real(sum.sum(table.accumulators(), slot) / count(sum, table, slot)));
    }

    private SumOfLongs sumOfLongs(Operand operand) {
        String name = "sum(" + operand + ")";
        return shared(name, () -> new SumOfLongs(name, number(operand), counter(operand), operand.scale()));
    }

    private static BigInteger value(SumOfLongs sum, CellTable table, int slot) {
        return Sum128.value(table.accumulators().longs, sum.longAt(table.accumulators(), slot));
    }

    private RowValue exactSum(Operand operand) {
        SumOfLongs sum = sumOfLongs(operand);
        return ifAny(sum, (table, slot, out) -> out.digits(Decimals.text(value(sum, table, slot), operand.scale())));
    }

    private RowValue exactMean(Operand operand) {
        SumOfLongs sum = sumOfLongs(operand);
        return ifAny(
                sum,
                (table, slot, out) ->
                        out.digits(Decimals.mean(value(sum, table, slot), count(sum, table, slot), operand.scale())
                                .toPlainString()));
    }

    private RowValue extreme(AggregationSpec spec, Operand operand) {
        String name = spec.function().jsonName() + "(" + operand + ")";
        ExtremeOfDoubles extreme = shared(
                name,
                () -> new ExtremeOfDoubles(name, number(operand), counter(operand), spec.function() == Function.MAX));
        return ifAny(
                extreme, (table, slot, out) -> out.real(table.accumulators().real(slot, extreme.doubleAt)));
    }

    private RowValue exactExtreme(AggregationSpec spec, Operand operand) {
        String name = spec.function().jsonName() + "(" + operand + ")";
        ExtremeOfLongs extreme = shared(
                name,
                () -> new ExtremeOfLongs(name, number(operand), counter(operand), spec.function() == Function.MAX));
        return ifAny(
                extreme,
                (table, slot, out) ->
                        out.digits(Decimals.text(table.accumulators().whole(slot, extreme.longAt), operand.scale())));
    }

    private static void write(OptionalDouble value, ValueWriter out) throws IOException {
        if (value.isPresent()) {
            out.real(value.getAsDouble());
        } else {
            out.none();
        }
    }

    private RowValue spread(AggregationSpec spec, Operand operand) {
        String name = "squares(" + operand + ")";
        MomentsOfDoubles moments = shared(name, () -> new MomentsOfDoubles(name, number(operand), counter(operand)));
        boolean population = spec.options().population();
        boolean deviation = spec.function() == Function.STDDEV;
        return (table, slot, out) -> {
            double[] doubles = table.accumulators().doubles;
            int at = moments.doubleAt(table.accumulators(), slot);
            long count = count(moments, table, slot);
            write(
                    deviation
                            ? Moments.deviation(doubles, at, count, population)
                            : Moments.variance(doubles, at, count, population),
                    out);
        };
    }

    private RowValue exactSpread(AggregationSpec spec, Operand operand) {
        SumOfLongs sum = sumOfLongs(operand);
        String name = "squares(" + operand + ")";
        SquaresOfLongs squares =
                shared(name, () -> new SquaresOfLongs(name, number(operand), counter(operand), operand.scale()));
        boolean population = spec.options().population();
        boolean deviation = spec.function() == Function.STDDEV;
        return (table, slot, out) -> {
            long count = count(sum, table, slot);
            BigInteger first = value(sum, table, slot);
            BigInteger second =
                    Squares192.value(table.accumulators().longs, squares.longAt(table.accumulators(), slot));
            write(
                    deviation
                            ? ExactVariance.deviation(count, first, second, operand.scale(), population)
                            : ExactVariance.variance(count, first, second, operand.scale(), population),
                    out);
        };
    }

    private RowValue exactEdge(AggregationSpec spec, Operand operand) {
        String name = spec.function().jsonName() + "(" + operand + ")";
        EdgeOfLongs edge = shared(
                name, () -> new EdgeOfLongs(name, number(operand), counter(operand), spec.function() == Function.LAST));
        return ifAny(
                edge,
                (table, slot, out) -> out.digits(Decimals.text(
                        NumberEdge.number(table.accumulators().longs, edge.longAt(table.accumulators(), slot)),
                        operand.scale())));
    }

    /** The value of a part that is there. */
    private interface PartValue<P> {
        void write(P part, ValueWriter out) throws IOException;
    }

    /** What stands in a row if no record counted. */
    private interface Absence {
        void write(ValueWriter out) throws IOException;
    }

    private static void emptyList(ValueWriter out) throws IOException {
        out.startList();
        out.endList();
    }

    private <P extends Part> RowValue part(
            String function, Operand operand, PartKind<P> kind, Adder<P> adder, PartValue<P> value, Absence absence) {
        String name = function + "(" + operand + ")";
        PartAccumulator<P> accumulator =
                shared(name, () -> new PartAccumulator<>(name, number(operand), counter(operand), kind, adder));
        return (table, slot, out) -> {
            P part = accumulator.present(table.accumulators(), slot);
            if (part == null) {
                absence.write(out);
            } else {
                value.write(part, out);
            }
        };
    }

    private static GroupValue typed(byte[] value) {
        return GroupKey.values(value).get(0);
    }

    private RowValue edge(AggregationSpec spec, Operand operand) {
        PartKind<TextEdge> kind = TextEdge.kind(spec.function() == Function.LAST, longest);
        return part(
                kind.signature(),
                operand,
                kind,
                (part, record, i) -> {
                    GroupKey value = record.values[i];
                    part.add(record.time, record.partition, record.offset, value.bytes(), 0, value.length());
                },
                (part, out) -> out.value(typed(part.text())),
                ValueWriter::none);
    }

    private RowValue distinct(Operand operand) {
        // Aggregates that share a set share the smallest of their limits.
        int limit = job.aggregate().stream()
                .filter(each -> each.function() == Function.DISTINCT
                        && each.options().method() == Method.EXACT
                        && Operand.of(each).equals(operand))
                .mapToInt(each -> each.options().limit())
                .min()
                .orElseThrow();
        PartKind<ExactDistinct> kind = ExactDistinct.kind(limit, longest);
        return part(
                kind.signature(),
                operand,
                kind,
                (part, record, i) -> part.add(record.values[i].bytes(), 0, record.values[i].length()),
                (part, out) -> out.digits(Integer.toString(part.size())),
                out -> out.digits("0"));
    }

    private RowValue approximateDistinct(Operand operand, int precision) {
        PartKind<ApproximateDistinct> kind = ApproximateDistinct.kind(precision);
        return part(
                kind.signature(),
                operand,
                kind,
                (part, record, i) -> part.addHash(record.longs[i]),
                (part, out) -> out.digits(Long.toString(part.estimate())),
                out -> out.digits("0"));
    }

    private RowValue quantile(Operand operand, AggregateOptions options) {
        BigDecimal at = Objects.requireNonNull(options.at(), "a quantile has at");
        PartKind<Quantiles> kind =
                Quantiles.kind(Quantiles.bitsFor(options.error().doubleValue()));
        return part(
                kind.signature(),
                operand,
                kind,
                (part, record, i) -> part.add(record.doubles[i]),
                (part, out) -> out.real(part.at(at)[0]),
                ValueWriter::none);
    }

    private RowValue ranked(AggregationSpec spec, Operand operand) {
        int k = Objects.requireNonNull(spec.options().k(), "a list of values has k");
        PartKind<Ranked> kind = Ranked.kind(spec.function() == Function.LARGEST, k);
        boolean exact = operand.type() != Type.DOUBLE;
        return part(
                kind.signature(),
                operand,
                kind,
                (part, record, i) -> part.add(
                        exact ? record.longs[i] : Ranked.ordered(record.doubles[i]),
                        record.time,
                        record.partition,
                        record.offset),
                (part, out) -> {
                    out.startList();
                    for (int i = 0; i < part.size(); i++) {
                        if (exact) {
                            out.digits(Decimals.text(part.number(i), operand.scale()));
                        } else {
                            out.real(Ranked.fromOrdered(part.number(i)));
                        }
                    }
                    out.endList();
                },
                AccumulatorPlan::emptyList);
    }

    private RowValue own(AggregationSpec spec) {
        OwnAggregate own = Objects.requireNonNull(spec.own(), "use has an aggregate of a plugin");
        OwnAggregate.Code code = own.code();
        if (code == null) {
            throw new IllegalStateException(
                    "aggregate." + spec.name() + " uses " + own.use() + ", whose code this job was not given");
        }
        return own(spec, new OwnPart.Kind<>(own, code.version(), code.aggregator()));
    }

    private <A> RowValue own(AggregationSpec spec, OwnPart.Kind<A> kind) {
        List<Operand> all =
                Operand.ofOwn(spec, kind.own().of(), kind.aggregator().arguments());
        int[] numbers = all.stream().mapToInt(this::number).toArray();
        String name = kind.signature() + all.stream().map(Operand::toString).toList();
        PartAccumulator<OwnPart<A>> accumulator = shared(
                name,
                () -> new PartAccumulator<>(
                        name, kind, (part, record, i) -> part.add(new OwnArguments(record, numbers)), numbers));
        return (table, slot, out) -> {
            OwnPart<A> part = accumulator.present(table.accumulators(), slot);
            if (part == null) {
                out.none();
            } else {
                part.writeOutput(out);
            }
        };
    }

    private RowValue frequent(Operand operand, AggregateOptions options) {
        int k = Objects.requireNonNull(options.k(), "a list of values has k");
        PartKind<Frequent> kind = Frequent.kind(options.capacity(), longest);
        return part(
                kind.signature(),
                operand,
                kind,
                (part, record, i) -> part.add(record.values[i].bytes(), 0, record.values[i].length()),
                (part, out) -> {
                    out.startList();
                    for (int slot : part.top(k)) {
                        out.counted(typed(part.value(slot)), part.atLeast(slot), part.atMost(slot));
                    }
                    out.endList();
                },
                AccumulatorPlan::emptyList);
    }
}
