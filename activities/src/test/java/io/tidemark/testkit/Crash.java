package io.tidemark.testkit;

import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import java.util.concurrent.atomic.AtomicBoolean;

/** The death of an attempt at a point of the code: nothing after it runs, but what {@code finally} blocks do. */
public final class Crash extends Error {
    private static final long serialVersionUID = 1;

    private Crash(Point point) {
        super("crash at " + point);
    }

    /** For whoever decides by himself where to die. */
    public static Crash now(Point point) {
        return new Crash(point);
    }

    /** Dies the first time that it comes to a point. */
    public static Checkpoints at(Point wanted) {
        AtomicBoolean done = new AtomicBoolean();
        return point -> {
            if (point == wanted && done.compareAndSet(false, true)) {
                throw new Crash(point);
            }
        };
    }
}
