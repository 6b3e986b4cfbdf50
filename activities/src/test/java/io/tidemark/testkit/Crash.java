package io.tidemark.testkit;

import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import java.util.concurrent.atomic.AtomicBoolean;

/** The crash of an attempt at a point of the code: after it only {@code finally} blocks run. */
public final class Crash extends Error {
    private static final long serialVersionUID = 1;

    private Crash(Point point) {
        super("crash at " + point);
    }

    /** Returns a crash, for callers that choose the point themselves. */
    public static Crash now(Point point) {
        return new Crash(point);
    }

    /** Crashes when {@code wanted} is reached for the first time. */
    public static Checkpoints at(Point wanted) {
        AtomicBoolean done = new AtomicBoolean();
        return point -> {
            if (point == wanted && done.compareAndSet(false, true)) {
                throw new Crash(point);
            }
        };
    }
}
