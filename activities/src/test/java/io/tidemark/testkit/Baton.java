package io.tidemark.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs several threads one at a time, each from one of its stops to the next, in an order from a random. So their
 * interleaving follows from a seed, and the running thread may draw from the same random.
 *
 * <p>A thread that may have to wait for another one's work, such as a reader behind an open transaction, loses the
 * baton while it waits, and gets it back at its next turn ({@link Actor#rejoin}).
 */
public final class Baton {
    /** More turns than any schedule needs; a schedule that exceeds it does not terminate. */
    private static final int MOST_TURNS = 20_000;

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** Longer than any step without a wait takes. */
    private static final Duration PATIENCE_WITH_WAITERS = Duration.ofSeconds(1);

    private final Random random;
    private final List<Actor> actors = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int turn;

    public Baton(Random random) {
        this.random = random;
    }

    private enum State {
        /** Runs to its next stop without the baton. */
        AWAY,
        WAITING,
        GOING,
        ENDED
    }

    /** One of the threads. Only that thread may call its methods, except {@link #ended}. */
    public final class Actor {
        private final String name;
        private final boolean waits;
        private State state = State.WAITING;
        private BooleanSupplier ready = () -> true;
        private int notBefore;
        private @Nullable Throwable failure;

        private Actor(String name, boolean waits) {
            this.name = name;
            this.waits = waits;
        }

        /** Returns the baton and waits for the next turn. */
        public void pass() {
            rejoin();
            become(State.WAITING);
            awaitTurn();
        }

        /** Waits until the others have had {@code turns} turns. */
        public void sleep(int turns) {
            rejoin();
            notBefore = turn + turns;
            pass();
        }

        /** Waits until {@code condition} is true. */
        public void await(BooleanSupplier condition) {
            rejoin();
            ready = condition;
            pass();
            ready = () -> true;
        }

        /**
         * Waits for a turn if this actor has lost the baton. An actor that may wait must call it before it does
         * anything that others can see.
         */
        public void rejoin() {
            lock.lock();
            try {
                if (state == State.AWAY) {
                    become(State.WAITING);
                    awaitTurn();
                }
            } finally {
                lock.unlock();
            }
        }

        /** Returns true if its work is done. */
        public boolean ended() {
            return state == State.ENDED;
        }

        private void become(State next) {
            lock.lock();
            try {
                state = next;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private void awaitTurn() {
            lock.lock();
            try {
                while (state != State.GOING) {
                    changed.awaitUninterruptibly();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** The work of an actor. */
    @FunctionalInterface
    public interface Work {
        void run(Actor self) throws Exception;
    }

    /** Adds an actor, which begins at its first turn. An exception of it ends {@link #play}. */
    public Actor add(String name, Work work) {
        return add(new Actor(name, false), work);
    }

    /** Adds an actor that may have to wait for others. */
    public Actor addThatWaits(String name, Work work) {
        return add(new Actor(name, true), work);
    }

    private Actor add(Actor actor, Work work) {
        Thread thread = new Thread(
                () -> {
                    actor.awaitTurn();
                    try {
                        work.run(actor);
                    } catch (Throwable e) {
                        actor.failure = e;
                    }
                    actor.rejoin();
                    actor.become(State.ENDED);
                },
                actor.name);
        // An actor that is paused when the test ends never resumes.
        thread.setDaemon(true);
        thread.start();
        actors.add(actor);
        return actor;
    }

    /** Gives turns until {@code end} is true. Must be called by the thread that created the actors. */
    public void play(BooleanSupplier end) {
        lock.lock();
        try {
            while (!end.getAsBoolean()) {
                Actor next = next();
                turn++;
                if (turn > MOST_TURNS) {
                    throw new AssertionError("the schedule does not end: " + MOST_TURNS + " turns were taken");
                }
                next.become(State.GOING);
                if (!awaitChange(next.waits ? PATIENCE_WITH_WAITERS : PATIENCE, () -> next.state != State.GOING)) {
                    if (!next.waits) {
                        throw new AssertionError(next.name
                                + " does not reach its next stop; it may be waiting for an actor that has no turn");
                    }
                    next.become(State.AWAY);
                }
                if (next.failure != null) {
                    throw new AssertionError(next.name + ": " + next.failure, next.failure);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean awaitChange(Duration most, BooleanSupplier condition) {
        long left = most.toNanos();
        try {
            while (!condition.getAsBoolean() && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return condition.getAsBoolean();
    }

    /** Returns a random actor that can run; if all are paused, the one that resumes first. */
    private Actor next() {
        actors.removeIf(Actor::ended);
        Actor found = anyReady();
        if (found == null && actors.stream().anyMatch(each -> each.state == State.AWAY)) {
            awaitChange(PATIENCE, () -> actors.stream().anyMatch(Baton::isReady));
            found = anyReady();
        }
        if (found == null) {
            throw new AssertionError("no actor can run: "
                    + actors.stream().map(each -> each.name + " " + each.state).toList());
        }
        return found;
    }

    private static boolean isReady(Actor actor) {
        return actor.state == State.WAITING && actor.ready.getAsBoolean();
    }

    private @Nullable Actor anyReady() {
        List<Actor> awake = new ArrayList<>();
        Actor first = null;
        for (Actor each : actors) {
            if (!isReady(each)) {
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
        if (first != null) {
            first.notBefore = turn;
        }
        return first;
    }

    /** Returns true if all actors have ended. */
    public boolean allEnded() {
        return actors.stream().allMatch(Actor::ended);
    }
}
