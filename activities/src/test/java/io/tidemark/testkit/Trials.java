package io.tidemark.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.opentest4j.TestAbortedException;

/**
 * Many trials of one row of the table in docs/reliability.md, each with a seed of its own from which everything random in
 * it comes.
 *
 * <p>Every build takes seeds 1 to a small number, always the same. {@code -Pfaults} takes the seeds that its ledger, a CSV
 * file, does not have yet, until it has as many trials of the row as the table asks for: so counts add up over any number
 * of runs, none of which must be long. Its options:
 *
 * <ul>
 *   <li>{@code -Dfaults.time=PT30M}: begin no trial of a row after so much time
 *   <li>{@code -Dfaults.trials=50}: at most so many of each row in this run
 *   <li>{@code -Dfaults.seed=17}: only this one, again; not written to the ledger
 * </ul>
 */
public final class Trials {
    private final String row;
    private final String story;
    private final int eachBuild;
    private final int full;
    private int lanes = 1;

    private Trials(String row, String story, int eachBuild, int full) {
        this.row = row;
        this.story = story;
        this.eachBuild = eachBuild;
        this.full = full;
    }

    /**
     * The trials of a row.
     *
     * @param row its name in the table, such as {@code R3}, and what tells several suites of one row apart
     * @param suite the test class, for the line that replays a seed
     * @param eachBuild how many each build makes
     * @param full how many {@code -Pfaults} makes, over all its runs
     */
    public static Trials of(String row, Class<?> suite, int eachBuild, int full) {
        return new Trials(row, suite.getSimpleName(), eachBuild, full);
    }

    /** Makes so many of them at once: for trials that mostly wait. What cannot be shared is had by {@link Trial#lane}. */
    public Trials inLanes(int count) {
        this.lanes = count;
        return this;
    }

    /**
     * One trial; throws where something did not hold. With {@link TestAbortedException} it says that it cannot be judged,
     * for a reason that is not ours: it is noted so, counts as no trial that held, and the next seed follows.
     */
    @FunctionalInterface
    public interface Body {
        void run(Trial trial) throws Exception;
    }

    /** The randomness of a trial, and its record. */
    public static final class Trial {
        private final long seed;
        private final int lane;
        private final Random random;
        private final List<String> did = new ArrayList<>();

        private Trial(long seed, int lane) {
            this.seed = seed;
            this.lane = lane;
            // Seeds that follow each other begin alike in java.util.Random.
            this.random = new Random(seed * 0x9E3779B97F4A7C15L);
        }

        public long seed() {
            return seed;
        }

        /** From 0 on: no two trials that are made at the same time have the same. */
        public int lane() {
            return lane;
        }

        /** For the thread of the trial only. */
        public Random random() {
            return random;
        }

        /** Any of these. */
        public <T> T oneOf(List<T> choices) {
            return choices.get(random.nextInt(choices.size()));
        }

        /** Notes what was injected, such as {@code kill -9 after 312 ms}; may be called by any thread. */
        public void did(String what) {
            synchronized (did) {
                did.add(what);
            }
        }

        private String all() {
            synchronized (did) {
                return String.join("; ", did);
            }
        }
    }

    /** A trial of no row: nothing counts it, and what it throws is its caller's. */
    public static Trial trial(long seed) {
        return new Trial(seed, 0);
    }

    /** Does what it is given so many milliseconds later, whatever other lanes are at: on a thread of its own. */
    public static Executor later(int millis) {
        return CompletableFuture.delayedExecutor(
                millis, TimeUnit.MILLISECONDS, task -> new Thread(task, "later").start());
    }

    /** Makes them, in the order of their seeds; the first that fails ends the row, with its seed and what was injected. */
    public void run(Body body) {
        String replayed = System.getProperty("faults.seed");
        if (replayed != null) {
            one(Long.parseLong(replayed), 0, body);
            return;
        }
        Ledger ledger = Ledger.of(row);
        Set<Long> tried = ledger.tried();
        int most = ledger.kept() ? full : eachBuild;
        List<Long> seeds = LongStream.rangeClosed(1, most)
                .filter(seed -> !tried.contains(seed))
                .limit(ledger.kept() ? Integer.getInteger("faults.trials", full) : eachBuild)
                .boxed()
                .toList();
        if (seeds.isEmpty()) {
            System.out.printf("%s: all of its %d trials are in %s%n", row, most, ledger);
            return;
        }
        Duration time = Duration.parse(System.getProperty("faults.time", "P7D"));
        long start = System.nanoTime();
        AtomicInteger begun = new AtomicInteger();
        AtomicBoolean failed = new AtomicBoolean();
        Queue<TestAbortedException> aborted = new ConcurrentLinkedQueue<>();
        together(Math.min(lanes, seeds.size()), lane -> {
            while (!failed.get() && System.nanoTime() - start < time.toNanos()) {
                int next = begun.getAndIncrement();
                if (next >= seeds.size()) {
                    return;
                }
                try {
                    noted(ledger, seeds.get(next), lane, body);
                } catch (TestAbortedException e) {
                    aborted.add(e);
                } catch (Throwable e) {
                    failed.set(true);
                    throw e;
                }
            }
        });
        int count = Math.min(begun.get(), seeds.size());
        if (!aborted.isEmpty() && aborted.size() == count) {
            throw aborted.remove();
        }
        String but = aborted.isEmpty() ? "" : ", " + aborted.size() + " could not be judged";
        System.out.printf(
                "%s: %d trials held%s, seeds %d to %d, %s%n",
                row, count - aborted.size(), but, seeds.get(0), seeds.get(Math.max(0, count - 1)), ledger);
    }

    /** Runs the same in each of so many lanes, and waits for all of them. */
    private void together(int count, IntConsumer work) {
        if (count == 1) {
            work.accept(0);
            return;
        }
        CompletableFuture.allOf(IntStream.range(0, count)
                        .mapToObj(lane -> CompletableFuture.runAsync(
                                () -> work.accept(lane), each -> new Thread(each, row + ", lane " + lane).start()))
                        .toArray(CompletableFuture[]::new))
                .join();
    }

    private void noted(Ledger ledger, long seed, int lane, Body body) {
        long begin = System.nanoTime();
        Ledger.Outcome outcome = Ledger.Outcome.FAILED;
        String did = "";
        try {
            did = one(seed, lane, body);
            outcome = Ledger.Outcome.PASSED;
        } catch (TestAbortedException e) {
            outcome = Ledger.Outcome.ABORTED;
            did = String.valueOf(e.getMessage());
            throw e;
        } finally {
            ledger.note(seed, outcome, Duration.ofNanos(System.nanoTime() - begin), did);
        }
    }

    private String one(long seed, int lane, Body body) {
        Trial trial = new Trial(seed, lane);
        try {
            body.run(trial);
            return trial.all();
        } catch (TestAbortedException e) {
            throw new TestAbortedException(
                    row + ", seed " + seed + ": " + e.getMessage() + "; it did: " + trial.all(), e);
        } catch (Throwable e) {
            throw new AssertionError(
                    row + ", seed " + seed + ": " + e.getMessage() + "\n  it did: " + trial.all()
                            + "\n  again: ./mvnw verify -Pfaults -Dfaults.seed=" + seed + " -Dit.test=" + story
                            + " -Dtest=x -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false",
                    e);
        }
    }
}
