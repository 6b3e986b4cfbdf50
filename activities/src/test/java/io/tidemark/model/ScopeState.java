package io.tidemark.model;

import io.tidemark.model.KafkaModel.Data;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A state of {@link ScopeModel}. Kafka's part of it is X, the topic of partial totals: log b holds those of output
 * partition b, and transactional id p is that of the slice with input partition p. The progress records of both stages are
 * registers, because {@link ProduceModel} shows that an attempt to produce is one atomic step on them.
 *
 * @param ends the end of each input partition
 * @param begins the begin of each log of X, after removals
 * @param pastSources what a leader may still tell of each register of stage 1; empty if no leader is stale
 */
record ScopeState(
        List<Integer> ends,
        KafkaModel x,
        List<Integer> begins,
        List<Source> sources,
        List<Totals> totals,
        List<List<Source>> pastSources,
        List<List<Totals>> pastTotals,
        List<Run> runs,
        List<Zombie> zombies,
        @Nullable Joining joining) {

    /**
     * Stage 1's progress of an input partition.
     *
     * @param through the next input offset, or -1 if the partition is not registered
     * @param closedBefore no partial of an earlier window follows
     * @param partialsEnd eight bits for each output partition: the offset in X behind the last partial
     * @param late one bit for each record that became a dead letter
     */
    record Source(int through, int closedBefore, int partialsEnd, int late) {
        static final Source UNREGISTERED = new Source(-1, 0, 0, 0);

        boolean isRegistered() {
            return through >= 0;
        }

        int partialsEnd(int output) {
            return partialsEnd >> 8 * output & 0xFF;
        }
    }

    /**
     * Stage 2's progress of an output partition.
     *
     * @param through the next offset in X
     * @param inputs how many input partitions are registered
     * @param counts four bits for each record
     */
    record Totals(int through, int closedBefore, int inputs, int counts) {
        int count(int record) {
            return counts >> 4 * record & 0xF;
        }
    }

    enum Step {
        PLAN,
        BEGIN,
        STAGED,
        DONE,
        FAILED
    }

    /** What a run knows of an input partition: its next batch begins at {@code from}. */
    record Slice(Step step, int from, int closedBefore, int epoch) {
        static final Slice DONE = new Slice(Step.DONE, 0, 0, 0);
        static final Slice FAILED = new Slice(Step.FAILED, 0, 0, 0);
    }

    /** What a run knows of an output partition: the batch of stage 2, and what it has read of it. */
    record Batch(Step step, int from, int to, int closedBefore, int target, int inputs, int counts) {
        static Batch of(Totals totals, int to, int target) {
            return new Batch(Step.BEGIN, totals.through, to, totals.closedBefore, target, totals.inputs, 0);
        }

        Batch staged(int newCounts) {
            return new Batch(Step.STAGED, from, to, closedBefore, target, inputs, newCounts);
        }

        Batch begin() {
            return new Batch(Step.BEGIN, from, to, closedBefore, target, inputs, 0);
        }

        static final Batch PLAN = new Batch(Step.PLAN, 0, 0, 0, 0, 0, 0);
        static final Batch DONE = new Batch(Step.DONE, 0, 0, 0, 0, 0, 0);
        static final Batch FAILED = new Batch(Step.FAILED, 0, 0, 0, 0, 0, 0);

        @Override
        public String toString() {
            return from + ".." + to + " of X, closing " + closedBefore + ".." + target;
        }
    }

    enum Phase {
        PLAN,
        STAGE_1,
        STAGE_2,
        ENDED
    }

    /** A run. {@code cut} means that a budget ended the range of input partition 0 early. */
    record Run(Phase phase, List<Integer> ends, boolean cut, List<Slice> slices, List<Batch> batches) {
        static final Run BEFORE = new Run(Phase.PLAN, List.of(), false, List.of(), List.of());
        static final Run ENDED = new Run(Phase.ENDED, List.of(), false, List.of(), List.of());

        boolean hasEndedStage1() {
            return slices.stream().allMatch(each -> each.step == Step.DONE || each.step == Step.FAILED);
        }

        boolean hasDoneStage1() {
            return slices.stream().allMatch(each -> each.step == Step.DONE);
        }

        boolean hasEndedStage2() {
            return batches.stream().allMatch(each -> each.step == Step.DONE || each.step == Step.FAILED);
        }
    }

    /** An attempt of stage 2 that its run has given up, and that may still commit. */
    record Zombie(int output, Batch batch) {
        static final Comparator<Zombie> ORDER =
                Comparator.comparingInt(Zombie::output).thenComparing(each -> each.batch.toString());
    }

    /** A registration of the last input partition that has read the state and has not committed. */
    record Joining(int closedBefore, List<Totals> read, boolean half) {}

    static <T> List<T> replaced(List<T> all, int index, T by) {
        List<T> copy = new ArrayList<>(all);
        copy.set(index, by);
        return List.copyOf(copy);
    }

    private static <T> List<List<T>> remembered(List<List<T>> past, int index, T now) {
        if (past.isEmpty() || past.get(index).contains(now)) {
            return past;
        }
        List<T> longer = new ArrayList<>(past.get(index));
        longer.add(now);
        return replaced(past, index, List.copyOf(longer));
    }

    ScopeState longer(int input) {
        return new ScopeState(
                replaced(ends, input, ends.get(input) + 1),
                x,
                begins,
                sources,
                totals,
                pastSources,
                pastTotals,
                runs,
                zombies,
                joining);
    }

    ScopeState with(KafkaModel newX) {
        return new ScopeState(ends, newX, begins, sources, totals, pastSources, pastTotals, runs, zombies, joining);
    }

    /** X[output] begins at {@code begin}, if it does not begin later already. */
    ScopeState removed(int output, int begin) {
        List<Integer> now = replaced(begins, output, Math.max(begin, begins.get(output)));
        return new ScopeState(ends, x, now, sources, totals, pastSources, pastTotals, runs, zombies, joining);
    }

    ScopeState with(int input, Source now) {
        // A plan does not read what is late, so two pasts that differ in it only are one.
        Source told = new Source(now.through, now.closedBefore, now.partialsEnd, 0);
        return new ScopeState(
                ends,
                x,
                begins,
                replaced(sources, input, now),
                totals,
                remembered(pastSources, input, told),
                pastTotals,
                runs,
                zombies,
                joining);
    }

    ScopeState with(int output, Totals now) {
        Totals told = new Totals(now.through, now.closedBefore, now.inputs, 0);
        return new ScopeState(
                ends,
                x,
                begins,
                sources,
                replaced(totals, output, now),
                pastSources,
                remembered(pastTotals, output, told),
                runs,
                zombies,
                joining);
    }

    ScopeState with(int run, Run now) {
        return new ScopeState(
                ends, x, begins, sources, totals, pastSources, pastTotals, replaced(runs, run, now), zombies, joining);
    }

    ScopeState with(int run, int input, Slice now) {
        Run old = runs.get(run);
        return with(run, new Run(old.phase, old.ends, old.cut, replaced(old.slices, input, now), old.batches));
    }

    ScopeState with(int run, int output, Batch now) {
        Run old = runs.get(run);
        return with(run, new Run(old.phase, old.ends, old.cut, old.slices, replaced(old.batches, output, now)));
    }

    ScopeState with(Zombie zombie) {
        List<Zombie> more = new ArrayList<>(zombies);
        more.add(zombie);
        more.sort(Zombie.ORDER);
        return new ScopeState(
                ends, x, begins, sources, totals, pastSources, pastTotals, runs, List.copyOf(more), joining);
    }

    ScopeState without(Zombie zombie) {
        List<Zombie> fewer = new ArrayList<>(zombies);
        fewer.remove(zombie);
        return new ScopeState(
                ends, x, begins, sources, totals, pastSources, pastTotals, runs, List.copyOf(fewer), joining);
    }

    ScopeState with(@Nullable Joining now) {
        return new ScopeState(ends, x, begins, sources, totals, pastSources, pastTotals, runs, zombies, now);
    }

    /** What may be told of stage 1's progress, each input partition on its own. */
    List<List<Source>> toldSources() {
        List<List<Source>> found = List.of(List.of());
        for (int input = 0; input < sources.size(); input++) {
            List<Source> choices = pastSources.isEmpty() ? List.of(sources.get(input)) : pastSources.get(input);
            found = found.stream()
                    .flatMap(head -> choices.stream().map(each -> {
                        List<Source> longer = new ArrayList<>(head);
                        longer.add(each);
                        return longer;
                    }))
                    .map((Function<List<Source>, List<Source>>) List::copyOf)
                    .toList();
        }
        return found;
    }

    List<Totals> toldTotals(int output) {
        return pastTotals.isEmpty() ? List.of(totals.get(output)) : pastTotals.get(output);
    }

    /** How often the partials in X[output] from {@code from} to {@code to} count each record. */
    int read(int output, int from, int to, boolean committed) {
        int counts = 0;
        if (from > to) {
            return 0;
        }
        for (Data each : committed ? x.committed(output, from, to) : x.written(output, from, to)) {
            counts += each.counts();
        }
        return counts;
    }
}
