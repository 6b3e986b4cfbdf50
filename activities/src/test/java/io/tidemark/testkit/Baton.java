package io.tidemark.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets several threads go one at a time, each from one of its stops to the next, in an order that a random decides. So
 * what they do together follows from a seed: whoever holds the baton may draw from the same random.
 */
public final class Baton {
    /** More than any schedule takes; one that takes more goes round in circles. */
    private static final int MOST_TURNS = 20_000;

    private static final long PATIENCE_SECONDS = 120;

    private final Random random;
    private final List<Actor> actors = new ArrayList<>();
    private final Semaphore back = new Semaphore(0);
    private int turn;

    public Baton(Random random) {
        this.random = random;
    }

    /** One of the threads. Its methods are for that thread only, but for {@link #ended}. */
    public final class Actor {
        private final String name;
        private final Semaphore go = new Semaphore(0);
        private BooleanSupplier ready = () -> true;
        private int notBefore;
        private boolean ended;
        private @Nullable Throwable failure;

        private Actor(String name) {
            this.name = name;
        }

        /** Hands the baton back and waits for its turn. */
        public void pass() {
            back.release();
            go.acquireUninterruptibly();
        }

        /** Has no turn before the others have had so many. */
        public void sleep(int turns) {
            notBefore = turn + turns;
            pass();
        }

        /** Has no turn before something is so. */
        public void await(BooleanSupplier condition) {
            ready = condition;
            pass();
            ready = () -> true;
        }

        /** Whether its work is done. */
        public boolean ended() {
            return ended;
        }
    }

    /** The work of an actor. */
    @FunctionalInterface
    public interface Work {
        void run(Actor self) throws Exception;
    }

    /** Adds an actor; it begins when it first has a turn. What it throws ends {@link #play}. */
    public Actor add(String name, Work work) {
        Actor actor = new Actor(name);
        Thread thread = new Thread(
                () -> {
                    actor.go.acquireUninterruptibly();
                    try {
                        work.run(actor);
                    } catch (Throwable e) {
                        actor.failure = e;
                    }
                    actor.ended = true;
                    back.release();
                },
                name);
        // One that sleeps when the test has ended sleeps for ever.
        thread.setDaemon(true);
        thread.start();
        actors.add(actor);
        return actor;
    }

    /** Gives turns until something is so; called by the thread that made the actors. */
    public void play(BooleanSupplier end) {
        while (!end.getAsBoolean()) {
            Actor next = next();
            turn++;
            if (turn > MOST_TURNS) {
                throw new AssertionError("the schedule does not end: " + MOST_TURNS + " turns were taken");
            }
            next.go.release();
            try {
                if (!back.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError(
                            next.name + " does not come to its next stop; it may wait for somebody who has no turn");
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (next.failure != null) {
                throw new AssertionError(next.name + ": " + next.failure, next.failure);
            }
        }
    }

    /** Any of those who can go on; where all of them sleep, the one who wakes first. */
    private Actor next() {
        actors.removeIf(Actor::ended);
        List<Actor> awake = new ArrayList<>();
        Actor first = null;
        for (Actor each : actors) {
            if (!each.ready.getAsBoolean()) {
                continue;
            }
            if (each.notBefore <= turn) {
                awake.add(each);
            } else if (first == null || each.notBefore < first.notBefore) {
                first = each;
            }
        }
        if (!awake.isEmpty()) {
            return awake.get(random.nextInt(awake.size()));
        }
        if (first == null) {
            throw new AssertionError("nobody can go on: "
                    + actors.stream().map(each -> each.name).toList());
        }
        first.notBefore = turn;
        return first;
    }

    /** Whether every actor has ended. */
    public boolean allEnded() {
        return actors.stream().allMatch(Actor::ended);
    }
}
