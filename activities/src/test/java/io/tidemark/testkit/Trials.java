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
 * Repeated trials of one row of the table in docs/reliability.md. Each has a seed, from which all its randomness
 * follows.
 *
 * <p>Every build runs seeds 1 to a small number. {@code -Pfaults} runs the seeds that its ledger, a CSV file, does not
 * have yet, until the ledger has as many trials of the row as the table requires. So trials add up over any number of
 * runs, each of which may be short. Its options:
 *
 * <ul>
 *   <li>{@code -Dfaults.time=PT30M}: start no trial of a row after this time
 *   <li>{@code -Dfaults.trials=50}: at most this many of each row in this run
 *   <li>{@code -Dfaults.lanes=1}: one trial at a time, on a machine that is busy
 *   <li>{@code -Dfaults.seed=17}: run only this seed; not written to the ledger
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
     * Returns the trials of a row.
     *
     * @param row its name in the table, such as {@code R3}, and a suffix if several suites test one row
     * @param suite the test class, for the command that repeats a seed
     * @param eachBuild number of trials in each build
     * @param full number of trials with {@code -Pfaults}, over all its runs
     */
    public static Trials of(String row, Class<?> suite, int eachBuild, int full) {
        return new Trials(row, suite.getSimpleName(), eachBuild, full);
    }

    /**
     * Runs {@code count} trials at once: for trials that mostly wait. Trials that need their own resources choose them
     * by {@link Trial#lane}.
     */
    public Trials inLanes(int count) {
        this.lanes = Integer.getInteger("faults.lanes", count);
        return this;
    }

    /**
     * One trial; throws if a check fails. {@link TestAbortedException} means that it is inconclusive for a reason
     * outside the product: it is recorded as such, does not count as passed, and the next seed follows.
     */
    @FunctionalInterface
    public interface Body {
        void run(Trial trial) throws Exception;
    }

    /** The randomness of a trial, and its log. */
    public static final class Trial {
        private final long seed;
        private final int lane;
        private final Random random;
        private final List<String> did = new ArrayList<>();

        private Trial(long seed, int lane) {
            this.seed = seed;
            this.lane = lane;
            // java.util.Random begins similarly for consecutive seeds.
            this.random = new Random(seed * 0x9E3779B97F4A7C15L);
        }

        public long seed() {
            return seed;
        }

        /** Returns the lane, from 0: trials that run at the same time have different lanes. */
        public int lane() {
            return lane;
        }

        /** Returns the random; only for the trial's thread. */
        public Random random() {
            return random;
        }

        /** Returns a random one of these. */
        public <T> T oneOf(List<T> choices) {
            return choices.get(random.nextInt(choices.size()));
        }

        /** Logs an injected fault, such as {@code kill -9 after 312 ms}. Safe for use by several threads. */
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

    /** Returns a trial outside any row: it is not counted, and its exceptions go to the caller. */
    public static Trial trial(long seed) {
        return new Trial(seed, 0);
    }

    /**
     * Returns an executor that runs tasks {@code millis} milliseconds later, on a new thread, so that other lanes
     * cannot delay them.
     */
    public static Executor later(int millis) {
        return CompletableFuture.delayedExecutor(
                millis, TimeUnit.MILLISECONDS, task -> new Thread(task, "later").start());
    }

    /**
     * Runs the trials in the order of their seeds; the first failure ends the row and reports its seed and the injected
     * faults.
     */
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

    /** Runs {@code work} in each of {@code count} lanes, and waits for all. */
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
                            + "\n  again: ./mvnw verify -Pfaults -Dfaults.seed=" + seed + variant() + " -Dit.test="
                            + story
                            + " -Dtest=x -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false",
                    e);
        }
    }

    private static String variant() {
        String variant = System.getProperty("tidemark.variant");
        return variant == null ? "" : " -Dtidemark.variant=" + variant;
    }
}
