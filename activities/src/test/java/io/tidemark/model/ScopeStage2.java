package io.tidemark.model;

import io.tidemark.model.Explorer.Steps;
import io.tidemark.model.ScopeState.Batch;
import io.tidemark.model.ScopeState.Run;
import io.tidemark.model.ScopeState.Source;
import io.tidemark.model.ScopeState.Step;
import io.tidemark.model.ScopeState.Totals;
import io.tidemark.model.ScopeState.Zombie;
import io.tidemark.model.ScopeVariant.Fault;
import io.tidemark.model.ScopeVariant.Part;
import io.tidemark.model.ScopeVariant.Seen;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stage 2 of {@link ScopeModel}, and the publication of offsets. Each output partition is planned on its own, at any time
 * after stage 1 has ended; a plan of all at the same time is a special case.
 */
final class ScopeStage2 {
    private final ScopeVariant variant;
    private final ScopePromises promises;
    private final Set<Seen> seen;

    ScopeStage2(ScopeVariant variant, ScopePromises promises, Set<Seen> seen) {
        this.variant = variant;
        this.promises = promises;
        this.seen = seen;
    }

    void steps(ScopeState state, int index, int output, boolean undisturbed, Steps<ScopeState> steps) {
        Batch batch = state.runs().get(index).batches().get(output);
        switch (batch.step()) {
            case PLAN -> plan(state, index, output, undisturbed, steps);
            case BEGIN -> {
                if (variant.has(Fault.FAILURES) && !undisturbed && output == 0) {
                    steps.to(
                            state.with(index, output, Batch.FAILED),
                            () -> "run " + index + ": output " + output + " fails");
                }
                read(state, index, output, batch, steps);
            }
            case STAGED -> produce(state, index, output, batch, undisturbed, steps);
            case DONE, FAILED -> {}
        }
    }

    /** The plan reads stage 1's progress and the end of X, in any order; each answer may be old. */
    private void plan(ScopeState state, int index, int output, boolean undisturbed, Steps<ScopeState> steps) {
        int stable = variant.has(Part.READS_COMMITTED)
                ? state.x().lastStable(output)
                : state.x().logs().get(output).size();
        if (undisturbed && variant.has(Part.FENCES_OPEN_SLICES) && !isWhole(state.sources(), output, stable)) {
            for (int input = 0; input < state.sources().size(); input++) {
                if (state.x().hasOpenTransaction(input)) {
                    steps.to(state.with(state.x().abort(input)), () -> "run " + index + " fences open slices");
                    return;
                }
            }
        }
        for (List<Source> sources : undisturbed ? List.of(state.sources()) : state.toldSources()) {
            for (Totals totals : undisturbed ? List.of(state.totals().get(output)) : state.toldTotals(output)) {
                int last = Math.max(totals.through(), stable);
                for (int to = variant.has(Fault.STALE_LEADERS) && !undisturbed ? totals.through() : last;
                        to <= last;
                        to++) {
                    int target = target(state.runs().get(index), index, sources, totals, output, to);
                    Batch batch = Batch.of(totals, to, Math.max(totals.closedBefore(), target));
                    steps.to(
                            state.with(index, output, batch),
                            () -> "run " + index + " plans " + batch + " of output " + output);
                }
            }
        }
    }

    private static boolean isWhole(List<Source> told, int output, int to) {
        return told.stream().allMatch(each -> to >= each.partialsEnd(output));
    }

    private int target(Run run, int index, List<Source> told, Totals totals, int output, int to) {
        List<Source> known = variant.has(Part.JOINS_THROUGH_TOTALS)
                ? told.subList(0, totals.inputs())
                : told.stream().filter(Source::isRegistered).toList();
        if (variant.has(Part.CHECKS_PARTIALS_END) && !isWhole(known, output, to)) {
            seen.add(Seen.HELD_BACK);
            return 0;
        }
        if (variant.announces() && variant.has(Part.CLOSES_WHAT_IS_ANNOUNCED)) {
            return known.stream().mapToInt(Source::closedBefore).min().orElse(0);
        }
        boolean trusts = run.hasDoneStage1() && !run.cut() || !variant.has(Part.STAGE_1_FIRST);
        return trusts ? variant.bounds().closes().get(index) : 0;
    }

    private void read(ScopeState state, int index, int output, Batch batch, Steps<ScopeState> steps) {
        Totals now = state.totals().get(output);
        int begin = state.begins().get(output);
        boolean gap = batch.from() < begin && variant.has(Part.STOPS_AT_A_GAP);
        if (batch.to() <= batch.from() && batch.target() <= batch.closedBefore()) {
            steps.to(
                    state.with(index, output, Batch.DONE),
                    () -> "run " + index + " has nothing left to do in output " + output);
        } else if (gap && now.through() == batch.from() && variant.has(Fault.LOST_PARTIALS)) {
            seen.add(Seen.PARTIALS_LOST);
            steps.to(
                    state.with(index, output, Batch.FAILED),
                    () -> "run " + index + " reports PARTIALS_LOST in output " + output);
        } else if (gap && now.through() == batch.from()) {
            steps.breaks(
                    ScopePromises.LOST,
                    () -> "run " + index + " reads X[" + output + "] from " + batch.from() + ", it begins at " + begin);
        } else if (gap && !variant.has(Part.LOOKS_AGAIN)) {
            steps.breaks(
                    ScopePromises.FALSELY_LOST,
                    () -> "run " + index + " reads X[" + output + "] from " + batch.from() + ", it begins at " + begin);
        } else if (gap) {
            seen.add(Seen.GAP_IN_PARTIALS);
            steps.to(
                    state.with(index, output, again(batch, now)),
                    () -> "run " + index + " finds a gap in X[" + output + "] and reads " + now);
        } else {
            int counts =
                    state.read(output, Math.max(begin, batch.from()), batch.to(), variant.has(Part.READS_COMMITTED));
            ScopeState after = variant.has(Part.REMOVES_WHAT_IS_MERGED) ? state : state.removed(output, batch.to());
            steps.to(
                    after.with(index, output, batch.staged(counts)),
                    () -> "run " + index + " reads " + batch + " of output " + output + ": counts "
                            + Integer.toHexString(counts));
        }
    }

    /** What is left of a batch after an attempt that did not take part. */
    private Batch again(Batch batch, Totals now) {
        int target = knowsInputs(batch, now) ? Math.max(batch.target(), now.closedBefore()) : now.closedBefore();
        return new Batch(
                Step.BEGIN,
                now.through(),
                Math.max(batch.to(), now.through()),
                now.closedBefore(),
                target,
                batch.inputs(),
                0);
    }

    private boolean knowsInputs(Batch batch, Totals now) {
        return batch.inputs() == now.inputs() || !variant.has(Part.COMPARES_INPUTS);
    }

    private void produce(
            ScopeState state, int index, int output, Batch batch, boolean undisturbed, Steps<ScopeState> steps) {
        Totals now = state.totals().get(output);
        ScopeState removed = variant.has(Part.REMOVES_BY_VERDICT) ? state : state.removed(output, batch.to());
        Totals merged = merged(now, batch);
        if (merged == null) {
            seen.add(Seen.STALE_IN_STAGE_2);
            steps.to(
                    removed.with(index, output, again(batch, now)),
                    () -> "run " + index + " finds output " + output + " at " + now);
            return;
        }
        if (!knowsInputs(batch, now)) {
            seen.add(Seen.OTHER_INPUTS);
        }
        if (batch.counts() != 0 && merged.closedBefore() > now.closedBefore()) {
            seen.add(Seen.COUNT_AND_FINAL_ROW);
        }
        String broken = promises.brokenByMerging(state, output, batch, merged);
        ScopeState after = removed.with(output, merged);
        Supplier<String> label = () -> "run " + index + " commits output " + output + ": " + merged;
        ScopeModel.step(steps, broken, after.with(index, output, Batch.DONE), label);
        if (undisturbed) {
            return;
        }
        ScopeModel.step(
                steps,
                broken,
                after.with(index, output, batch.begin()),
                () -> label.get() + ", and the answer is lost");
        Zombie zombie = new Zombie(output, batch);
        if (variant.has(Fault.ZOMBIES) && state.zombies().isEmpty()) {
            steps.to(
                    state.with(zombie).with(index, output, batch.begin()),
                    () -> "the attempt of run " + index + " at " + batch + " of output " + output + " is given up");
        }
    }

    void stepsOfZombies(ScopeState state, Steps<ScopeState> steps) {
        for (Zombie zombie : state.zombies()) {
            int output = zombie.output();
            Totals merged = merged(state.totals().get(output), zombie.batch());
            if (merged != null) {
                ScopeModel.step(
                        steps,
                        promises.brokenByMerging(state, output, zombie.batch(), merged),
                        state.with(output, merged).without(zombie),
                        () -> "the zombie of " + zombie.batch() + " commits output " + output + ": " + merged);
            }
        }
    }

    /** The progress after an attempt, or null if it does not take part. */
    private @Nullable Totals merged(Totals now, Batch batch) {
        int target = knowsInputs(batch, now) ? batch.target() : batch.closedBefore();
        boolean takesPart = now.through() == batch.from()
                && now.closedBefore() == batch.closedBefore()
                && (batch.to() > batch.from() || target > batch.closedBefore());
        return takesPart ? new Totals(batch.to(), target, now.inputs(), now.counts() + batch.counts()) : null;
    }

    /** Publishes stage 1's progress of each input partition that stage 2 has reached. */
    void publish(ScopeState state, int index, Steps<ScopeState> steps) {
        Run run = state.runs().get(index);
        String broken = null;
        for (int input = 0; input < state.sources().size(); input++) {
            List<Source> told = state.pastSources().isEmpty()
                    ? List.of(state.sources().get(input))
                    : state.pastSources().get(input);
            for (Source source : told) {
                if (mayPublish(state, run, source)) {
                    String now = promises.brokenByPublishing(state, input, source.through());
                    broken = broken == null ? now : broken;
                } else {
                    seen.add(Seen.NOT_PUBLISHED);
                }
            }
        }
        ScopeModel.step(
                steps, broken, state.with(index, Run.ENDED), () -> "run " + index + " publishes offsets and ends");
    }

    private boolean mayPublish(ScopeState state, Run run, Source source) {
        if (!variant.has(Part.PUBLISHES_WHAT_IS_MERGED)) {
            return run.slices().stream().noneMatch(each -> each.step() == Step.FAILED)
                    && run.batches().stream().noneMatch(each -> each.step() == Step.FAILED);
        }
        return isMerged(state, source);
    }

    /** Whether stage 2 has merged all partial totals up to a progress of stage 1. */
    static boolean isMerged(ScopeState state, Source source) {
        for (int output = 0; output < state.totals().size(); output++) {
            if (state.totals().get(output).through() < source.partialsEnd(output)) {
                return false;
            }
        }
        return true;
    }
}
