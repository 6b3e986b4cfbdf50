package io.tidemark.testkit;

import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that pauses at a point, like a frozen process or one in a long garbage collection, and resumes when the
 * test says so.
 */
public final class Zombie<T> {
    private final CountDownLatch asleep = new CountDownLatch(1);
    private final CountDownLatch wake = new CountDownLatch(1);
    private final CompletableFuture<T> result;

    private Zombie(Point point, Function<Checkpoints, T> attempt) {
        Checkpoints checkpoints = reached -> {
            if (reached == point && asleep.getCount() > 0) {
                asleep.countDown();
                await(wake);
            }
        };
        this.result = CompletableFuture.supplyAsync(() -> attempt.apply(checkpoints));
    }

    /** Starts an attempt and returns when it has paused. */
    public static <T> Zombie<T> asleepAt(Point point, Function<Checkpoints, T> attempt) {
        Zombie<T> zombie = new Zombie<>(point, attempt);
        await(zombie.asleep);
        return zombie;
    }

    /** Resumes the attempt and waits for its end; returns the exception that it threw, or null. */
    public @Nullable Throwable wake() {
        wake.countDown();
        try {
            result.get(60, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException("the zombie did not end", e);
        }
    }

    /** Returns its result; after {@link #wake} returned null. */
    public T result() {
        return result.join();
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a point was not reached within 60 s");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
