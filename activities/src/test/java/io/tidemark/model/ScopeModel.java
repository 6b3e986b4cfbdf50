package io.tidemark.model;

import io.tidemark.model.Explorer.Steps;
import io.tidemark.model.KafkaModel.Data;
import io.tidemark.model.KafkaModel.Fenced;
import io.tidemark.model.KafkaModel.Id;
import io.tidemark.model.KafkaModel.Phase;
import io.tidemark.model.ScopeState.Batch;
import io.tidemark.model.ScopeState.Joining;
import io.tidemark.model.ScopeState.Run;
import io.tidemark.model.ScopeState.Slice;
import io.tidemark.model.ScopeState.Source;
import io.tidemark.model.ScopeState.Step;
import io.tidemark.model.ScopeState.Totals;
import io.tidemark.model.ScopeVariant.Bounds;
import io.tidemark.model.ScopeVariant.Fault;
import io.tidemark.model.ScopeVariant.Part;
import io.tidemark.model.ScopeVariant.Seen;
import io.tidemark.model.ScopeVariant.Sent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Topic scope, as docs/exactly-once.md describes it: stage 1 writes partial totals and its progress in one transaction, stage
 * 2 merges them into totals. Runs overlap in every way and stop anywhere, each answer may be lost, markers are written
 * one by one, and partials are removed at any time after they are merged.
 *
 * <p>Run r may close the windows below {@code closes[r]}. How a plan finds that number is shown by {@link ClosingModel}.
 *
 * <p>The promises: each record counts at most once, in the totals of its own output partition, and only if stage 1 has
 * committed it; a final row has every record that stage 1 has committed for its window and that is not late; no partial of a
 * closed window follows; offsets are published only if their records are in the totals; nothing is called lost that is not;
 * an undisturbed run counts all records of the partitions that do not fail, closes what it may and publishes.
 */
final class ScopeModel implements Explorer.Model<ScopeState> {
    private final ScopeVariant variant;
    private final Bounds bounds;
    private final int inputs;
    private final Set<Seen> seen = EnumSet.noneOf(Seen.class);
    private final ScopePromises promises;
    private final ScopeStage2 stage2;

    ScopeModel(ScopeVariant variant) {
        this.variant = variant;
        this.bounds = variant.bounds();
        this.inputs = bounds.records().size();
        this.promises = new ScopePromises(bounds.records());
        this.stage2 = new ScopeStage2(variant, promises, seen);
    }

    Set<Seen> seen() {
        return seen;
    }

    @Override
    public ScopeState start() {
        List<Source> sources = new ArrayList<>(Collections.nCopies(inputs, new Source(0, 0, 0, 0)));
        if (variant.has(Fault.JOINING)) {
            sources.set(inputs - 1, Source.UNREGISTERED);
        }
        Totals totals = new Totals(0, 0, variant.has(Fault.JOINING) ? inputs - 1 : inputs, 0);
        boolean stale = variant.has(Fault.STALE_LEADERS);
        return new ScopeState(
                bounds.present(),
                KafkaModel.empty(bounds.outputs(), inputs),
                Collections.nCopies(bounds.outputs(), 0),
                List.copyOf(sources),
                Collections.nCopies(bounds.outputs(), totals),
                stale ? sources.stream().map(List::of).toList() : List.of(),
                stale ? Collections.nCopies(bounds.outputs(), List.of(totals)) : List.of(),
                Collections.nCopies(bounds.closes().size(), Run.BEFORE),
                List.of(),
                null);
    }

    @Override
    public void steps(ScopeState state, Steps<ScopeState> steps) {
        stepsOfOthers(state, steps);
        join(state, steps);
        stage2.stepsOfZombies(state, steps);
        for (int run = 0; run < state.runs().size(); run++) {
            stepsOf(state, run, ANYTHING_HAPPENS, steps);
        }
        int next = nextRun(state);
        if (next >= 0 && !variant.has(Fault.LOST_PARTIALS)) {
            for (int failing = -1; failing < Math.min(1, inputs - 1); failing++) {
                String broken = brokenByUndisturbed(state, next, new Mode(true, failing));
                if (broken != null) {
                    steps.breaks(broken, () -> "run " + next + " has the cluster for itself");
                }
            }
        }
    }

    private void stepsOfOthers(ScopeState state, Steps<ScopeState> steps) {
        KafkaModel x = state.x();
        for (int i = 0; i < inputs; i++) {
            int input = i;
            if (state.ends().get(input) < bounds.records().get(input).size()) {
                steps.to(state.longer(input), () -> "a record is appended to input " + input);
            }
            for (int output = 0; output < bounds.outputs(); output++) {
                int log = output;
                if (x.waitsForMarker(input, output)) {
                    steps.to(
                            state.with(x.mark(input, log)),
                            () -> "the marker of slice " + input + " is written to X[" + log + "]");
                }
            }
            if (variant.has(Fault.TIMEOUTS) && x.hasOpenTransaction(input)) {
                seen.add(Seen.ABORTED_PARTIAL);
                steps.to(state.with(x.abort(input)), () -> "the open transaction of slice " + input + " is aborted");
            }
        }
        for (int i = 0; i < bounds.outputs(); i++) {
            int output = i;
            boolean keeps = variant.has(Part.KEEPS_PARTIALS) && !variant.has(Fault.LOST_PARTIALS);
            int end = keeps ? state.totals().get(output).through() : x.lastStable(output);
            if (state.begins().get(output) < end) {
                steps.to(state.removed(output, end), () -> "X[" + output + "] is removed below " + end);
            }
        }
    }

    /** The registration of the last input partition; the fence of the id {@code plan} allows one at a time. */
    private void join(ScopeState state, Steps<ScopeState> steps) {
        int input = inputs - 1;
        Joining joining = state.joining();
        if (joining == null) {
            if (!state.sources().get(input).isRegistered()) {
                int closedBefore = variant.has(Part.JOINS_THROUGH_TOTALS)
                        ? greatestOfTotals(state)
                        : state.sources().subList(0, input).stream()
                                .mapToInt(Source::closedBefore)
                                .min()
                                .orElse(0);
                steps.to(
                        state.with(new Joining(closedBefore, state.totals(), false)),
                        () -> "a registration of input " + input + " reads closedBefore " + closedBefore);
            }
            return;
        }
        if (variant.has(Part.JOINS_THROUGH_TOTALS)
                && !joining.half()
                && !joining.read().equals(state.totals())) {
            steps.to(
                    state.with((Joining) null),
                    () -> "the registration of input " + input + " finds other totals and aborts");
            return;
        }
        ScopeState joined = state.with((Joining) null);
        if (!joining.half()) {
            joined = joined.with(input, new Source(0, joining.closedBefore(), 0, 0));
            if (joining.closedBefore() > 0) {
                seen.add(Seen.JOINED_AFTER_A_CLOSE);
            }
        }
        if (!variant.has(Part.REGISTERS_TOGETHER) && !joining.half()) {
            joined = joined.with(new Joining(joining.closedBefore(), joining.read(), true));
        } else {
            for (int output = 0; output < bounds.outputs(); output++) {
                Totals now = joined.totals().get(output);
                joined = joined.with(output, new Totals(now.through(), now.closedBefore(), inputs, now.counts()));
            }
        }
        steps.to(joined, () -> "input " + input + " is registered with closedBefore " + joining.closedBefore());
    }

    /** Whether a run is alone, so that it takes the first step that it can, and the input partition that fails in it. */
    private record Mode(boolean undisturbed, int failing) {}

    private static final Mode ANYTHING_HAPPENS = new Mode(false, -1);

    private void stepsOf(ScopeState state, int index, Mode mode, Steps<ScopeState> steps) {
        Run run = state.runs().get(index);
        switch (run.phase()) {
            case PLAN -> {
                if (index == nextRun(state)) {
                    plan(state, index, mode, steps);
                }
            }
            case STAGE_1 -> {
                if (run.hasEndedStage1() || !variant.has(Part.STAGE_1_FIRST)) {
                    List<Batch> batches = Collections.nCopies(bounds.outputs(), Batch.PLAN);
                    steps.to(
                            state.with(
                                    index,
                                    new Run(ScopeState.Phase.STAGE_2, run.ends(), run.cut(), run.slices(), batches)),
                            () -> "run " + index + " begins stage 2");
                }
                stage1(state, index, mode, steps);
            }
            case STAGE_2 -> {
                stage1(state, index, mode, steps);
                for (int output = 0; output < bounds.outputs(); output++) {
                    stage2.steps(state, index, output, mode.undisturbed, steps);
                }
                if (run.hasEndedStage1() && run.hasEndedStage2()) {
                    stage2.publish(state, index, steps);
                }
            }
            case ENDED -> {}
        }
    }

    private void plan(ScopeState state, int index, Mode mode, Steps<ScopeState> steps) {
        int registered =
                (int) state.sources().stream().filter(Source::isRegistered).count();
        if (variant.has(Part.JOINS_THROUGH_TOTALS) && state.totals().get(0).inputs() < registered) {
            steps.breaks(ScopePromises.FALSELY_LOST_STATE, () -> "run " + index + " plans");
        }
        for (int cut = 0; cut < (variant.has(Fault.BUDGETS) && !mode.undisturbed ? 2 : 1); cut++) {
            List<Integer> ends = new ArrayList<>();
            for (int input = 0; input < inputs; input++) {
                int end = state.ends().get(input) - (input == 0 ? cut : 0);
                ends.add(Math.max(state.sources().get(input).through(), end));
            }
            Run run = new Run(ScopeState.Phase.STAGE_1, List.copyOf(ends), cut == 1, List.of(), List.of());
            List<Slice> slices = new ArrayList<>();
            for (int input = 0; input < inputs; input++) {
                Source now = state.sources().get(input);
                int closedBefore = closedBefore(state, now);
                slices.add(now.isRegistered() ? slice(run, index, input, now.through(), closedBefore) : Slice.DONE);
            }
            steps.to(
                    state.with(index, new Run(run.phase(), run.ends(), run.cut(), List.copyOf(slices), List.of())),
                    () -> "run " + index + " plans " + slices + " to " + ends);
        }
    }

    /** What stage 1 takes for closed in an input partition. */
    private int closedBefore(ScopeState state, Source now) {
        return switch (variant.closedBefore()) {
            case STAGE_1 -> now.closedBefore();
            case LEAST_OF_TOTALS -> leastOfTotals(state);
            case GREATEST_OF_TOTALS -> greatestOfTotals(state);
        };
    }

    /** A partition that has nothing left to do gets no attempt. */
    private Slice slice(Run run, int index, int input, int from, int closedBefore) {
        boolean done = from >= run.ends().get(input) && closedBefore >= target(run, index, input, closedBefore);
        return done ? Slice.DONE : new Slice(Step.BEGIN, from, closedBefore, 0);
    }

    /** What the batch of stage 1 announces. */
    private int target(Run run, int index, int input, int closedBefore) {
        boolean announces = variant.announces() && !(run.cut() && input == 0);
        return announces ? Math.max(closedBefore, bounds.closes().get(index)) : closedBefore;
    }

    private void stage1(ScopeState state, int index, Mode mode, Steps<ScopeState> steps) {
        for (int input = 0; input < inputs; input++) {
            stage1(state, index, input, mode, steps);
        }
    }

    private void stage1(ScopeState state, int index, int input, Mode mode, Steps<ScopeState> steps) {
        Slice slice = state.runs().get(index).slices().get(input);
        if (slice.step() == Step.STAGED) {
            commit1(state, index, input, mode, steps);
        } else if (slice.step() == Step.BEGIN) {
            if (input == mode.failing || variant.has(Fault.FAILURES) && !mode.undisturbed && input == 0) {
                steps.to(state.with(index, input, Slice.FAILED), () -> "run " + index + ": input " + input + " fails");
            }
            if (input != mode.failing) {
                begin1(state, index, input, mode, steps);
            }
        }
    }

    /** Fences, reads the progress, compares, and writes partials. */
    private void begin1(ScopeState state, int index, int input, Mode mode, Steps<ScopeState> steps) {
        Fenced fenced = state.x().fence(input);
        if (fenced == null) {
            return;
        }
        if (fenced.epoch() == 0) {
            seen.add(Seen.ABORTED_PARTIAL);
            steps.to(
                    state.with(fenced.kafka()),
                    () -> "run " + index + " makes the open transaction of slice " + input + " abort");
            return;
        }
        Run run = state.runs().get(index);
        Slice slice = run.slices().get(input);
        Source now = state.sources().get(input);
        int end = run.ends().get(input);
        int target = target(run, index, input, slice.closedBefore());
        boolean same = now.through() == slice.from()
                && (!variant.has(Part.COMPARES_BOTH)
                        || !variant.announces()
                        || now.closedBefore() == slice.closedBefore());
        if (!same || end <= slice.from() && target <= slice.closedBefore()) {
            seen.add(Seen.STALE_IN_STAGE_1);
            int closedBefore = variant.announces() ? now.closedBefore() : slice.closedBefore();
            steps.to(
                    state.with(index, input, slice(run, index, input, now.through(), closedBefore)),
                    () -> "run " + index + " finds progress " + now + " of input " + input);
            return;
        }
        if (fenced.epoch() > bounds.attempts() && !mode.undisturbed) {
            return;
        }
        for (int shift = 0; shift < (variant.has(Part.PARTITIONS_BY_GROUP) ? 1 : bounds.outputs()); shift++) {
            KafkaModel x = fenced.kafka();
            for (int output = 0; output < bounds.outputs(); output++) {
                int counts = partial(input, slice, end, (output + shift) % bounds.outputs());
                if (counts != 0) {
                    x = written(x, output, new Data(input, fenced.epoch(), slice.from(), end, counts));
                }
            }
            KafkaModel after = x;
            steps.to(
                    state.with(after)
                            .with(
                                    index,
                                    input,
                                    new Slice(Step.STAGED, slice.from(), slice.closedBefore(), fenced.epoch())),
                    () -> "run " + index + " writes partials of " + slice.from() + ".." + end + " of input " + input
                            + ": X is " + after.logs());
        }
    }

    private static KafkaModel written(KafkaModel x, int log, Data data) {
        KafkaModel after = x.append(log, data);
        if (after == null) {
            throw new AssertionError(data);
        }
        return after;
    }

    private int partial(int input, Slice slice, int end, int output) {
        int counts = 0;
        for (int i = slice.from(); i < end; i++) {
            Sent record = bounds.records().get(input).get(i);
            if (record.output() == output && record.window() >= slice.closedBefore()) {
                counts += 1 << 4 * promises.idOf(input, i);
            }
        }
        return counts;
    }

    private void commit1(ScopeState state, int index, int input, Mode mode, Steps<ScopeState> steps) {
        Run run = state.runs().get(index);
        Slice slice = run.slices().get(input);
        Slice again = new Slice(Step.BEGIN, slice.from(), slice.closedBefore(), 0);
        Id id = state.x().ids().get(input);
        Source old = state.sources().get(input);
        int ends = 0;
        boolean wrote = false;
        for (int output = 0; output < bounds.outputs(); output++) {
            int end = state.x().endOf(output, input, slice.epoch());
            wrote |= end > 0;
            int keeps = variant.has(Part.KEEPS_PARTIALS_END) ? old.partialsEnd(output) : 0;
            ends |= Math.max(end, keeps) << 8 * output;
        }
        if (id.epoch() != slice.epoch() || id.phase() != (wrote ? Phase.ONGOING : Phase.EMPTY)) {
            steps.to(
                    state.with(index, input, again),
                    () -> "run " + index + " is fenced at its commit of input " + input);
            return;
        }
        KafkaModel x = wrote ? state.x().end(input, slice.epoch(), true) : state.x();
        if (x == null) {
            throw new AssertionError(slice);
        }
        int end = Math.max(old.through(), run.ends().get(input));
        int late = old.late();
        String broken = null;
        for (int i = slice.from(); i < end; i++) {
            Sent record = bounds.records().get(input).get(i);
            if (record.window() < slice.closedBefore()) {
                late |= 1 << promises.idOf(input, i);
                seen.add(Seen.LATE_RECORD);
                if (!variant.announces() && state.totals().get(record.output()).closedBefore() <= record.window()) {
                    broken = ScopePromises.LATE;
                }
            }
        }
        int closedBefore = variant.announces() ? target(run, index, input, slice.closedBefore()) : 0;
        Source now = new Source(end, closedBefore, ends, late);
        ScopeState after = state.with(x).with(input, now);
        Supplier<String> label = () -> "run " + index + " commits input " + input + ": " + now;
        step(steps, broken, after.with(index, input, Slice.DONE), label);
        if (!mode.undisturbed) {
            step(steps, broken, after.with(index, input, again), () -> label.get() + ", and the answer is lost");
        }
    }

    static void step(Steps<ScopeState> steps, @Nullable String broken, ScopeState after, Supplier<String> label) {
        if (broken != null) {
            steps.breaks(broken, label);
        } else {
            steps.to(after, label);
        }
    }

    /** Runs are planned in their order; -1 if none can be planned now. */
    private int nextRun(ScopeState state) {
        for (int index = 0; index < state.runs().size(); index++) {
            ScopeState.Phase phase = state.runs().get(index).phase();
            if (phase == ScopeState.Phase.PLAN) {
                return index;
            } else if (phase != ScopeState.Phase.ENDED && !bounds.overlap()) {
                return -1;
            }
        }
        return -1;
    }

    private static int leastOfTotals(ScopeState state) {
        return state.totals().stream().mapToInt(Totals::closedBefore).min().orElse(0);
    }

    private static int greatestOfTotals(ScopeState state) {
        return state.totals().stream().mapToInt(Totals::closedBefore).max().orElse(0);
    }

    /** Runs one run to its end while nothing else happens, except that markers are written. Other promises are not judged. */
    private @Nullable String brokenByUndisturbed(ScopeState begin, int index, Mode mode) {
        ScopeState state = begin;
        for (int i = 0; i < 100; i++) {
            if (state.runs().get(index).phase() == ScopeState.Phase.ENDED) {
                return brokenByEnd(state, index, mode);
            }
            ScopeState marked = withMarkers(state);
            List<ScopeState> next = new ArrayList<>();
            List<String> broken = new ArrayList<>();
            stepsOf(marked, index, mode, new Steps<>() {
                @Override
                public void to(ScopeState after, Supplier<String> label) {
                    next.add(after);
                }

                @Override
                public void breaks(String promise, Supplier<String> label) {
                    broken.add(promise);
                }
            });
            if (!broken.isEmpty()) {
                return null;
            } else if (next.isEmpty()) {
                return ScopePromises.NO_END;
            }
            state = next.get(0);
        }
        return ScopePromises.NO_END;
    }

    private ScopeState withMarkers(ScopeState state) {
        KafkaModel x = state.x();
        for (int input = 0; input < inputs; input++) {
            for (int output = 0; output < bounds.outputs(); output++) {
                if (x.waitsForMarker(input, output)) {
                    x = x.mark(input, output);
                }
            }
        }
        return state.with(x);
    }

    private @Nullable String brokenByEnd(ScopeState state, int index, Mode mode) {
        for (int input = 0; input < inputs; input++) {
            boolean judged = input != mode.failing && state.sources().get(input).isRegistered();
            if (judged && !promises.areInRows(state, input, state.ends().get(input))) {
                return ScopePromises.NOT_COUNTED;
            } else if (judged && !ScopeStage2.isMerged(state, state.sources().get(input))) {
                return ScopePromises.NOT_PUBLISHED;
            }
        }
        boolean closes =
                mode.failing >= 0 || leastOfTotals(state) >= bounds.closes().get(index);
        return closes ? null : ScopePromises.NOT_CLOSED;
    }
}
