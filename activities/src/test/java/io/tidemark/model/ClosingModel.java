package io.tidemark.model;

import io.tidemark.model.Explorer.Steps;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Closing of windows in one partition. {@link ProduceModel} shows that an attempt to produce is one atomic step on the
 * state: it compares, then it commits or gets a verdict. So here it is one step. Each attempt may become a zombie that
 * commits at any later time, each answer may be lost, and runs may overlap in every way.
 *
 * <p>Windows are numbers, and record i lies in window {@code windows[i]}. The log grows while runs pass. Run r may close
 * the windows below {@code closes[r]}. With a {@code span} of k, these numbers are panes: record i lies in the k windows that
 * end with its pane or with one of the next ones.
 *
 * <p>The promises: each record counts exactly once, or is late because an earlier batch has closed its window; a window has
 * one final row, which has all records of it below the end that the closing run had planned; no row of a window follows its
 * final row; an undisturbed run ends, and has then closed what it may.
 */
final class ClosingModel implements Explorer.Model<ClosingModel.State> {
    /** What the protocol does, and what may happen to it. */
    enum Part {
        /** Windows close by the time of the run. Otherwise by the greatest event time of the partition. */
        BY_RUN,
        /** A batch closes at most one window; following batches close the others. */
        ONE_WINDOW_A_BATCH,
        /** An attempt compares progress and closed windows with its batch, not the progress alone. */
        COMPARES_BOTH,
        /** An attempt asks whether it takes part before it asks whether its range is done. */
        TAKES_PART_FIRST,
        /** Windows close only in a batch that reaches the end of the plan. */
        CLOSES_AT_PLAN_END,
        WRITES_FINAL_ROWS,
        /** The verdict STALE says which windows are closed. */
        STALE_SAYS_WHAT_IS_CLOSED,
        /** The totals of a pane are kept until the last window that contains it is closed. */
        KEEPS_PANES,
        /** The plan asks an end that covers all records that are in the log: not an old one, nor one that is held back. */
        PLANS_TO_LOG_END,
        /** Whether a run that is undisturbed must end. Not asked of variants that break an earlier promise. */
        MUST_END
    }

    /** The protocol or a weaker variant of it, and the bounds of the search. */
    record Variant(List<Integer> windows, List<Integer> closes, int zombies, int span, Set<Part> parts) {
        static final Variant DESIGNED =
                new Variant(List.of(0, 1, 0, 0), List.of(0, 1, 2), 1, 1, EnumSet.allOf(Part.class));

        Variant bounds(List<Integer> newWindows, List<Integer> newCloses, int newZombies) {
            return new Variant(newWindows, newCloses, newZombies, span, parts);
        }

        Variant span(int panes) {
            return new Variant(windows, closes, zombies, panes, parts);
        }

        Variant without(Part... fewer) {
            EnumSet<Part> left = EnumSet.copyOf(parts);
            left.removeAll(List.of(fewer));
            return new Variant(windows, closes, zombies, span, left);
        }

        boolean has(Part part) {
            return parts.contains(part);
        }
    }

    enum Verdict {
        DONE,
        DONE_BEFORE,
        STALE
    }

    /** What became of a record. */
    private static final int OPEN = 0, FOLDED = 1, LATE = 2, REMOVED = 3;

    /**
     * The state in Kafka.
     *
     * @param closedBefore windows below it are closed
     * @param watermark the greatest window of a record below {@code through}, or -1
     * @param fates two bits for each record
     * @param finals one bit for each window that has its final row
     */
    record Stored(int through, int closedBefore, int watermark, int fates, int finals) {
        int fate(int record) {
            return fates >> 2 * record & 3;
        }

        boolean hasFinalRow(int window) {
            return (finals >> window & 1) == 1;
        }

        Mark mark() {
            return new Mark(through, closedBefore);
        }
    }

    /** The pair that an attempt compares. */
    record Mark(int through, int closedBefore) implements Comparable<Mark> {
        @Override
        public int compareTo(Mark other) {
            return through != other.through
                    ? Integer.compare(through, other.through)
                    : Integer.compare(closedBefore, other.closedBefore);
        }
    }

    /** A batch: its range, what it takes for closed, and what it closes to (by run). */
    record Batch(int from, int to, int closedBefore, int target) {
        Mark mark() {
            return new Mark(from, closedBefore);
        }
    }

    enum Phase {
        PLAN,
        STAGE,
        PRODUCE,
        ENDED
    }

    /**
     * A run.
     *
     * @param closes the run may close windows below it
     * @param at the next record
     * @param end the planned end
     * @param complete the plan was not cut by a budget
     * @param logEnd the end of the log when the run was planned
     */
    record Run(
            Phase phase,
            int closes,
            int at,
            int end,
            boolean complete,
            int closedBefore,
            @Nullable Batch batch,
            int logEnd) {
        static Run before(int closes) {
            return new Run(Phase.PLAN, closes, 0, 0, false, 0, null, 0);
        }

        Run producing(Batch next) {
            return new Run(Phase.PRODUCE, closes, at, end, complete, closedBefore, next, logEnd);
        }

        Run ended() {
            return new Run(Phase.ENDED, closes, 0, 0, false, 0, null, 0);
        }
    }

    /** An attempt that its run has given up, and that may still commit. */
    record Zombie(Batch batch, int planEnd, int logEnd) {
        static final Comparator<Zombie> ORDER = Comparator.comparingInt((Zombie z) -> z.batch.from)
                .thenComparingInt(z -> z.batch.to)
                .thenComparingInt(z -> z.batch.closedBefore)
                .thenComparingInt(z -> z.batch.target)
                .thenComparingInt(Zombie::planEnd)
                .thenComparingInt(Zombie::logEnd);
    }

    /** {@code past} are the pairs that were stored at some time: a plan may be told an old one. */
    record State(int logEnd, Stored stored, List<Mark> past, List<Run> runs, List<Zombie> zombies) {
        State with(int index, Run run) {
            List<Run> all = new ArrayList<>(runs);
            all.set(index, run);
            return new State(logEnd, stored, past, List.copyOf(all), zombies);
        }

        State with(Stored now) {
            if (past.contains(now.mark())) {
                return new State(logEnd, now, past, runs, zombies);
            }
            List<Mark> longer = new ArrayList<>(past);
            longer.add(now.mark());
            longer.sort(null);
            return new State(logEnd, now, List.copyOf(longer), runs, zombies);
        }

        State with(Zombie zombie) {
            List<Zombie> more = new ArrayList<>(zombies);
            more.add(zombie);
            more.sort(Zombie.ORDER);
            return new State(logEnd, stored, past, runs, List.copyOf(more));
        }

        State without(Zombie zombie) {
            List<Zombie> fewer = new ArrayList<>(zombies);
            fewer.remove(zombie);
            return new State(logEnd, stored, past, runs, List.copyOf(fewer));
        }
    }

    /** What an attempt did, and the promise that it broke. */
    record Outcome(Verdict verdict, Stored stored, @Nullable String broken) {}

    private final Variant variant;
    private final List<Integer> windows;
    private boolean sawLateRecord;

    ClosingModel(Variant variant) {
        this.variant = variant;
        this.windows = variant.windows;
    }

    /** Whether the search came to a record that was late. A search that did not would prove little. */
    boolean sawLateRecord() {
        return sawLateRecord;
    }

    @Override
    public State start() {
        Stored empty = new Stored(0, 0, -1, 0, 0);
        return new State(
                1,
                empty,
                List.of(empty.mark()),
                variant.closes.stream().map(Run::before).toList(),
                List.of());
    }

    @Override
    public void steps(State state, Steps<State> steps) {
        if (state.logEnd < windows.size()) {
            steps.to(
                    new State(state.logEnd + 1, state.stored, state.past, state.runs, state.zombies),
                    () -> "record " + state.logEnd + " of window " + windows.get(state.logEnd) + " is appended");
        }
        for (int i = 0; i < state.runs.size(); i++) {
            switch (state.runs.get(i).phase) {
                case PLAN -> plan(state, i, steps);
                case STAGE -> stage(state, i, steps);
                case PRODUCE -> produce(state, i, steps);
                case ENDED -> {}
            }
        }
        for (Zombie zombie : state.zombies) {
            Outcome outcome = produce(state.stored, zombie.batch, zombie.planEnd, zombie.logEnd);
            if (outcome.verdict == Verdict.DONE) {
                step(
                        steps,
                        outcome,
                        state.with(outcome.stored).without(zombie),
                        () -> "the zombie of " + zombie.batch + " commits: " + outcome.stored);
            }
        }
    }

    /** Plans are made in the order of the runs' times; a plan may be told an old state, and be cut by a budget. */
    private void plan(State state, int index, Steps<State> steps) {
        if (index > 0 && state.runs.get(index - 1).phase == Phase.PLAN) {
            return;
        }
        Run run = state.runs.get(index);
        for (Mark told : state.past) {
            int last = Math.max(state.logEnd, told.through);
            for (int end = variant.has(Part.PLANS_TO_LOG_END) ? last : told.through; end <= last; end++) {
                for (int cut = told.through + (end > told.through ? 1 : 0); cut <= end; cut++) {
                    Run planned = settled(new Run(
                            Phase.STAGE,
                            run.closes,
                            told.through,
                            cut,
                            cut == end,
                            told.closedBefore,
                            null,
                            state.logEnd));
                    steps.to(
                            state.with(index, planned),
                            () -> "run " + index + " plans " + planned.at + ".." + planned.end
                                    + (planned.complete ? "" : ", cut by a budget") + ", closed before "
                                    + planned.closedBefore);
                }
            }
        }
    }

    private void stage(State state, int index, Steps<State> steps) {
        Run run = state.runs.get(index);
        for (Batch batch : batches(run)) {
            steps.to(state.with(index, run.producing(batch)), () -> "run " + index + " reads " + batch);
        }
    }

    /** The batches that a run may stage next: any part of what is left, or an empty one that only closes. */
    private List<Batch> batches(Run run) {
        List<Batch> found = new ArrayList<>();
        int first = run.at >= run.end ? run.at : run.at + 1;
        for (int to = first; to <= Math.max(first, run.end); to++) {
            boolean closes = variant.has(Part.BY_RUN)
                    && run.complete
                    && (to >= run.end || !variant.has(Part.CLOSES_AT_PLAN_END))
                    && run.closes > run.closedBefore;
            found.add(new Batch(
                    run.at, to, run.closedBefore, closes ? limited(run.closedBefore, run.closes) : run.closedBefore));
        }
        return found;
    }

    private void produce(State state, int index, Steps<State> steps) {
        Run run = state.runs.get(index);
        Batch batch = batchOf(run);
        if (variant.has(Part.MUST_END)) {
            String stuck = undisturbed(run, state.stored);
            if (stuck != null) {
                steps.breaks(stuck, () -> "run " + index + " produces " + batch + " on " + state.stored);
                return;
            }
        }
        Outcome outcome = produce(state.stored, batch, run.end, run.logEnd);
        State after = state.with(outcome.stored);
        Supplier<String> label =
                () -> "run " + index + " produces " + batch + ": " + outcome.verdict + ", " + outcome.stored;
        step(steps, outcome, after.with(index, heard(run, outcome)), label);
        if (outcome.verdict == Verdict.DONE) {
            step(steps, outcome, after, () -> label.get() + ", and the answer is lost");
        }
        Zombie zombie = new Zombie(batch, run.end, run.logEnd);
        if (state.zombies.size() < variant.zombies && !state.zombies.contains(zombie)) {
            steps.to(state.with(zombie), () -> "the attempt of run " + index + " at " + batch + " is given up");
        }
    }

    private static void step(Steps<State> steps, Outcome outcome, State after, Supplier<String> label) {
        if (outcome.broken != null) {
            steps.breaks(outcome.broken, label);
        } else {
            steps.to(after, label);
        }
    }

    /** One attempt: the verdict, the state after it, and the promise that the commit breaks. */
    private Outcome produce(Stored stored, Batch batch, int planEnd, int logEnd) {
        boolean takesPart =
                variant.has(Part.COMPARES_BOTH) ? stored.mark().equals(batch.mark()) : stored.through == batch.from;
        if (!variant.has(Part.TAKES_PART_FIRST) && stored.through >= batch.to) {
            return new Outcome(Verdict.DONE_BEFORE, stored, null);
        }
        boolean doesNothing = variant.has(Part.BY_RUN) && batch.to == batch.from && batch.target == batch.closedBefore;
        if (!takesPart || doesNothing) {
            boolean done = stored.through >= batch.to
                    && (variant.has(Part.BY_RUN) ? stored.closedBefore >= batch.target : batch.to > batch.from);
            return new Outcome(done ? Verdict.DONE_BEFORE : Verdict.STALE, stored, null);
        }
        return commit(stored, batch, planEnd, logEnd);
    }

    private Outcome commit(Stored stored, Batch batch, int planEnd, int logEnd) {
        String broken = null;
        int fates = stored.fates;
        int watermark = stored.watermark;
        for (int record = batch.from; record < batch.to; record++) {
            int window = windows.get(record);
            boolean late = window < batch.closedBefore;
            if (stored.fate(record) != OPEN) {
                broken = "record " + record + " is counted twice";
            } else if (late && !stored.hasFinalRow(window)) {
                broken = "record " + record + " is late, but its window has no final row";
            } else if (!late && stored.hasFinalRow(window)) {
                broken = "a row of window " + window + " follows its final row";
            }
            sawLateRecord |= late;
            fates = fates & ~(3 << 2 * record) | (late ? LATE : FOLDED) << 2 * record;
            watermark = Math.max(watermark, window);
        }
        int target = variant.has(Part.BY_RUN)
                ? batch.target
                : limited(stored.closedBefore, Math.max(stored.closedBefore, watermark));
        int closedBefore = Math.max(stored.closedBefore, target);
        Stored next = new Stored(batch.to, closedBefore, watermark, fates, stored.finals);
        int finals = stored.finals;
        for (int window = stored.closedBefore; window < closedBefore; window++) {
            String incomplete = brokenByClosing(window, stored, next, planEnd, logEnd);
            broken = broken == null ? incomplete : broken;
            if (variant.has(Part.WRITES_FINAL_ROWS) || !hasTotals(window, next)) {
                finals |= 1 << window;
            }
        }
        if (broken == null && Integer.numberOfTrailingZeros(~finals) < closedBefore) {
            broken = "a closed window has no final row";
        }
        return new Outcome(
                Verdict.DONE,
                new Stored(batch.to, closedBefore, watermark, withoutRemoved(fates, closedBefore), finals),
                broken);
    }

    /** Removes the totals of panes. */
    private int withoutRemoved(int fates, int closedBefore) {
        int left = fates;
        int kept = variant.has(Part.KEEPS_PANES) ? variant.span - 1 : 0;
        for (int record = 0; record < windows.size(); record++) {
            if (windows.get(record) + kept < closedBefore && (left >> 2 * record & 3) == FOLDED) {
                left |= REMOVED << 2 * record;
            }
        }
        return left;
    }

    private boolean contains(int window, int record) {
        return windows.get(record) <= window && windows.get(record) > window - variant.span;
    }

    private @Nullable String brokenByClosing(int window, Stored before, Stored after, int planEnd, int logEnd) {
        if (before.hasFinalRow(window)) {
            return "window " + window + " has a second final row";
        }
        for (int record = 0; record < windows.size(); record++) {
            boolean closedEarlier = windows.get(record) < before.closedBefore;
            if (!contains(window, record)
                    || (closedEarlier && (record >= after.through || after.fate(record) == LATE))) {
                continue;
            }
            if (record < after.through && after.fate(record) != FOLDED) {
                return "the final row of window " + window + " lacks record " + record + " below the batch's end";
            }
            if (variant.has(Part.BY_RUN) && record >= after.through && record < Math.max(planEnd, logEnd)) {
                return "the final row of window " + window + " lacks record " + record
                        + ", which was in the log when the run was planned";
            }
        }
        return null;
    }

    private boolean hasTotals(int window, Stored stored) {
        for (int record = 0; record < stored.through; record++) {
            if (contains(window, record) && stored.fate(record) == FOLDED) {
                return true;
            }
        }
        return false;
    }

    private int limited(int from, int to) {
        return variant.has(Part.ONE_WINDOW_A_BATCH) ? Math.min(to, from + 1) : to;
    }

    /** A run that has heard a verdict: it goes on from the stored progress. */
    private Run heard(Run run, Outcome outcome) {
        boolean says = outcome.verdict != Verdict.STALE || variant.has(Part.STALE_SAYS_WHAT_IS_CLOSED);
        return settled(new Run(
                Phase.STAGE,
                run.closes,
                outcome.stored.through,
                Math.max(run.end, outcome.stored.through),
                run.complete,
                says ? outcome.stored.closedBefore : run.closedBefore,
                null,
                run.logEnd));
    }

    private Run settled(Run run) {
        boolean closesMore = variant.has(Part.BY_RUN) && run.complete && run.closedBefore < run.closes;
        return run.at >= run.end && !closesMore ? run.ended() : run;
    }

    /** Why a run does not end, or has not closed what it may, if nothing else happens; null if all is well. */
    private @Nullable String undisturbed(Run begun, Stored stored) {
        Run run = begun;
        Stored now = stored;
        for (int i = 0; i < 4 * windows.size() + 8; i++) {
            List<Batch> next = run.batch != null ? List.of(run.batch) : batches(run);
            Outcome outcome = produce(now, next.get(next.size() - 1), run.end, run.logEnd);
            if (outcome.broken != null) {
                return null;
            }
            now = outcome.stored;
            Run after = heard(run, outcome);
            if (after.phase == Phase.ENDED) {
                return variant.has(Part.BY_RUN) && run.complete && now.closedBefore < run.closes
                        ? "an undisturbed run ends, but has not closed what it may"
                        : null;
            }
            run = after;
        }
        return "an undisturbed run does not end";
    }

    private static Batch batchOf(Run run) {
        if (run.batch == null) {
            throw new AssertionError(run);
        }
        return run.batch;
    }
}
