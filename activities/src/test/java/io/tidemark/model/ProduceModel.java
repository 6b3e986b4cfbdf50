package io.tidemark.model;

import io.tidemark.model.KafkaModel.Data;
import io.tidemark.model.KafkaModel.Fenced;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code produce} as docs/exactly-once.md describes it: fence, read, compare, write, look at the end read, commit. Attempts
 * begin at any time with any range, also a wrong one, and each step of each attempt may come at any time or never. So
 * crashes, frozen attempts, lost answers, old plans and runs at the same time are all part of it.
 *
 * <p>The promises: the progress of a partition moves from exactly where it was; each record counts once, and a progress
 * record has the counts of the records below it; no reader sees a count fall.
 */
final class ProduceModel implements Explorer.Model<ProduceModel.State> {
    /** Which transactional ids the attempts have. */
    enum Ids {
        ONE_FOR_ALL,
        /** Each attempt has one of two, as if two jobs or two values of partitionsPerSlice wrote to one slice. */
        EITHER_OF_TWO,
        ONE_EACH
    }

    /** What the protocol does, and what may happen to it. */
    enum Part {
        /** An attempt fences before it reads the state, not after. */
        FENCES_FIRST,
        /** An attempt compares the stored progress with the beginning of its range. */
        COMPARES,
        /** An attempt aborts if its progress record does not follow what it has read. */
        CHECKS_END_READ,
        /** A read may return an old end of the log. */
        STALE_LEADERS,
        /** The coordinator may abort an open transaction at any time. */
        TIMEOUTS
    }

    /** The protocol or a weaker variant of it, and the bounds of the search: how many attempts begin at all. */
    record Variant(int records, int attempts, int partitions, Ids ids, Set<Part> parts) {
        /** What is built: three attempts at two records of one partition. */
        static final Variant BUILT =
                new Variant(2, 3, 1, Ids.ONE_FOR_ALL, EnumSet.complementOf(EnumSet.of(Part.TIMEOUTS)));

        Variant bounds(int newRecords, int newAttempts, int newPartitions) {
            return new Variant(newRecords, newAttempts, newPartitions, ids, parts);
        }

        Variant ids(Ids newIds) {
            return new Variant(records, attempts, partitions, newIds, parts);
        }

        Variant with(Part part) {
            EnumSet<Part> more = EnumSet.copyOf(parts);
            more.add(part);
            return new Variant(records, attempts, partitions, ids, more);
        }

        Variant without(Part part) {
            EnumSet<Part> fewer = EnumSet.copyOf(parts);
            fewer.remove(part);
            return new Variant(records, attempts, partitions, ids, fewer);
        }

        boolean has(Part part) {
            return parts.contains(part);
        }
    }

    enum Next {
        FENCE,
        READ,
        FENCE_AFTER_READ,
        ROW,
        PROGRESS,
        COMMIT
    }

    /** What an attempt read of a partition's state. A partition whose progress is elsewhere takes no part. */
    record Read(int end, int counts, boolean takesPart) {}

    /** An attempt at the range of records {@code from} to {@code to}, and the partition that it has got to. */
    record Attempt(Next next, int id, int epoch, int from, int to, List<Read> reads, int partition)
            implements Comparable<Attempt> {
        private static final Comparator<Read> READS =
                Comparator.comparingInt(Read::end).thenComparingInt(Read::counts);
        private static final Comparator<Attempt> ORDER = Comparator.comparing(Attempt::next)
                .thenComparingInt(Attempt::id)
                .thenComparingInt(Attempt::epoch)
                .thenComparingInt(Attempt::from)
                .thenComparingInt(Attempt::to)
                .thenComparingInt(Attempt::partition)
                .thenComparing(Attempt::reads, Attempt::compareReads);

        private static int compareReads(List<Read> a, List<Read> b) {
            for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
                int order = READS.compare(a.get(i), b.get(i));
                if (order != 0) {
                    return order;
                }
            }
            return Integer.compare(a.size(), b.size());
        }

        @Override
        public int compareTo(Attempt other) {
            return ORDER.compare(this, other);
        }

        Attempt then(Next step, int atPartition) {
            return new Attempt(step, id, epoch, from, to, reads, atPartition);
        }

        Attempt fenced(Next step, int newEpoch) {
            return new Attempt(step, id, newEpoch, from, to, reads, 0);
        }

        Attempt read(Read read) {
            List<Read> longer = new ArrayList<>(reads);
            longer.add(read);
            return new Attempt(next, id, epoch, from, to, List.copyOf(longer), partition);
        }

        @Override
        public String toString() {
            return "attempt at " + from + ".." + to + " (id " + id + ", epoch " + epoch + ")";
        }
    }

    /** Attempts are sorted: two states that differ in the attempts' order only are one. */
    record State(KafkaModel kafka, List<Attempt> attempts, int begun) {
        State without(Attempt attempt, KafkaModel after) {
            List<Attempt> left = new ArrayList<>(attempts);
            left.remove(attempt);
            return new State(after, List.copyOf(left), begun);
        }

        State with(Attempt before, Attempt now, KafkaModel after) {
            List<Attempt> all = new ArrayList<>(attempts);
            all.remove(before);
            all.add(now);
            all.sort(null);
            return new State(after, List.copyOf(all), begun);
        }

        State begin(Attempt attempt) {
            List<Attempt> all = new ArrayList<>(attempts);
            all.add(attempt);
            all.sort(null);
            return new State(kafka, List.copyOf(all), begun + 1);
        }
    }

    private final Variant variant;

    ProduceModel(Variant variant) {
        this.variant = variant;
    }

    @Override
    public State start() {
        int ids = switch (variant.ids) {
            case ONE_FOR_ALL -> 1;
            case EITHER_OF_TWO -> 2;
            case ONE_EACH -> variant.attempts;
        };
        return new State(KafkaModel.empty(2 * variant.partitions, ids), List.of(), 0);
    }

    @Override
    public void steps(State state, Explorer.Steps<State> steps) {
        stepsOfKafka(state, steps);
        if (state.begun < variant.attempts) {
            begin(state, steps);
        }
        Attempt before = null;
        for (Attempt attempt : state.attempts) {
            if (!attempt.equals(before)) {
                step(state, attempt, steps);
            }
            before = attempt;
        }
    }

    private void stepsOfKafka(State state, Explorer.Steps<State> steps) {
        KafkaModel kafka = state.kafka;
        for (int id = 0; id < kafka.ids().size(); id++) {
            int of = id;
            for (int log = 0; log < kafka.logs().size(); log++) {
                int to = log;
                if (kafka.waitsForMarker(id, log)) {
                    steps.to(
                            new State(kafka.mark(id, log), state.attempts, state.begun),
                            () -> "the marker of id " + of + " is written to log " + to);
                }
            }
            if (variant.has(Part.TIMEOUTS) && kafka.hasOpenTransaction(id)) {
                steps.to(
                        new State(kafka.abort(id), state.attempts, state.begun),
                        () -> "the transaction of id " + of + " times out");
            }
        }
    }

    private void begin(State state, Explorer.Steps<State> steps) {
        int ids = variant.ids == Ids.EITHER_OF_TWO ? 2 : 1;
        for (int i = 0; i < ids; i++) {
            int id = variant.ids == Ids.ONE_EACH ? state.begun : i;
            for (int from = 0; from < variant.records; from++) {
                for (int to = from + 1; to <= variant.records; to++) {
                    Attempt attempt = new Attempt(
                            variant.has(Part.FENCES_FIRST) ? Next.FENCE : Next.READ, id, 0, from, to, List.of(), 0);
                    steps.to(state.begin(attempt), () -> attempt + " begins");
                }
            }
        }
    }

    private void step(State state, Attempt attempt, Explorer.Steps<State> steps) {
        switch (attempt.next) {
            case FENCE, FENCE_AFTER_READ -> fence(state, attempt, steps);
            case READ -> read(state, attempt, steps);
            case ROW -> row(state, attempt, steps);
            case PROGRESS -> progress(state, attempt, steps);
            case COMMIT -> commit(state, attempt, steps);
        }
    }

    private static void fence(State state, Attempt attempt, Explorer.Steps<State> steps) {
        Fenced answer = state.kafka.fence(attempt.id);
        if (answer == null) {
            return;
        }
        Next after = attempt.next == Next.FENCE ? Next.READ : Next.ROW;
        Attempt now = answer.epoch() == 0 ? attempt : attempt.fenced(after, answer.epoch());
        steps.to(
                state.with(attempt, now, answer.kafka()),
                () -> attempt + (answer.epoch() == 0 ? " makes an open transaction abort" : " fences"));
    }

    private void read(State state, Attempt attempt, Explorer.Steps<State> steps) {
        int log = progressLog(attempt.partition);
        int size = state.kafka.logs().get(log).size();
        for (int end = variant.has(Part.STALE_LEADERS) ? 0 : size; end <= size; end++) {
            // A read_committed reader waits for the end of an open transaction.
            if (state.kafka.isStable(log, end)) {
                read(state, attempt, end, steps);
            }
        }
    }

    private void read(State state, Attempt attempt, int end, Explorer.Steps<State> steps) {
        List<Data> seen = state.kafka.committed(progressLog(attempt.partition), end);
        Data last = seen.isEmpty() ? new Data(0, 0, 0, 0, 0) : seen.get(seen.size() - 1);
        boolean takesPart = !variant.has(Part.COMPARES) || last.to() == attempt.from;
        Attempt read = attempt.read(new Read(end, last.counts(), takesPart));
        if (attempt.partition + 1 < variant.partitions) {
            read = read.then(Next.READ, attempt.partition + 1);
        } else if (read.reads.stream().anyMatch(Read::takesPart)) {
            read = read.then(variant.has(Part.FENCES_FIRST) ? Next.ROW : Next.FENCE_AFTER_READ, 0);
        } else {
            steps.to(state.without(attempt, state.kafka), () -> attempt + " finds its range elsewhere and ends");
            return;
        }
        steps.to(
                state.with(attempt, read, state.kafka),
                () -> attempt + " reads the state of partition " + attempt.partition + " up to " + end + ": progress "
                        + last.to());
    }

    private void row(State state, Attempt attempt, Explorer.Steps<State> steps) {
        Read read = attempt.reads.get(attempt.partition);
        if (!read.takesPart) {
            steps.to(
                    state.with(attempt, afterPartition(attempt), state.kafka),
                    () -> attempt + " leaves out partition " + attempt.partition);
            return;
        }
        KafkaModel written = append(state, attempt, rowLog(attempt.partition));
        if (written == null) {
            steps.to(state.without(attempt, state.kafka), () -> attempt + " is fenced at its row");
        } else {
            steps.to(
                    state.with(attempt, attempt.then(Next.PROGRESS, attempt.partition), written),
                    () -> attempt + " writes the row of partition " + attempt.partition);
        }
    }

    private void progress(State state, Attempt attempt, Explorer.Steps<State> steps) {
        int log = progressLog(attempt.partition);
        int offset = state.kafka.logs().get(log).size();
        int endRead = attempt.reads.get(attempt.partition).end;
        KafkaModel written = append(state, attempt, log);
        if (written == null) {
            steps.to(state.without(attempt, state.kafka), () -> attempt + " is fenced at its progress");
        } else if (variant.has(Part.CHECKS_END_READ) && offset != endRead) {
            KafkaModel aborted = Objects.requireNonNullElse(written.end(attempt.id, attempt.epoch, false), written);
            steps.to(
                    state.without(attempt, aborted),
                    () -> attempt + " finds its progress at " + offset + ", not at the end read " + endRead
                            + ", and aborts");
            steps.to(state.without(attempt, written), () -> attempt + " dies before it can abort");
        } else {
            steps.to(
                    state.with(attempt, afterPartition(attempt), written),
                    () -> attempt + " writes its progress at " + offset);
        }
    }

    private void commit(State state, Attempt attempt, Explorer.Steps<State> steps) {
        KafkaModel after = state.kafka.end(attempt.id, attempt.epoch, true);
        if (after == null) {
            steps.to(state.without(attempt, state.kafka), () -> attempt + " is fenced at its commit");
            return;
        }
        String broken = brokenPromise(after);
        if (broken != null) {
            steps.breaks(broken, () -> attempt + " commits");
        } else {
            steps.to(state.without(attempt, after), () -> attempt + " commits");
        }
    }

    private @Nullable KafkaModel append(State state, Attempt attempt, int log) {
        int counts = attempt.reads.get(attempt.partition).counts;
        for (int record = attempt.from; record < attempt.to; record++) {
            counts += 1 << 4 * record;
        }
        return state.kafka.append(log, new Data(attempt.id, attempt.epoch, attempt.from, attempt.to, counts));
    }

    private Attempt afterPartition(Attempt attempt) {
        int next = attempt.partition + 1;
        return next < variant.partitions ? attempt.then(Next.ROW, next) : attempt.then(Next.COMMIT, 0);
    }

    private @Nullable String brokenPromise(KafkaModel kafka) {
        for (int partition = 0; partition < variant.partitions; partition++) {
            int through = 0;
            for (Data progress : kafka.decided(progressLog(partition))) {
                if (progress.from() != through) {
                    return "progress moves from " + progress.from() + " where it is " + through;
                }
                through = progress.to();
                if (progress.counts() != countsBelow(through)) {
                    return "counts " + Integer.toHexString(progress.counts()) + " at progress " + through;
                }
            }
            int shown = 0;
            for (Data row : kafka.decided(rowLog(partition))) {
                for (int record = 0; record < variant.records; record++) {
                    int count = row.counts() >> 4 * record & 0xF;
                    if (count < (shown >> 4 * record & 0xF)) {
                        return "a reader sees a count fall";
                    }
                    if (count > 1) {
                        return "a record counts twice";
                    }
                }
                shown = row.counts();
            }
        }
        return null;
    }

    private static int countsBelow(int through) {
        int counts = 0;
        for (int record = 0; record < through; record++) {
            counts += 1 << 4 * record;
        }
        return counts;
    }

    private static int rowLog(int partition) {
        return 2 * partition;
    }

    private static int progressLog(int partition) {
        return 2 * partition + 1;
    }
}
