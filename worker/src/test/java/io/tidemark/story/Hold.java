package io.tidemark.story;

import io.tidemark.step.Checkpoints;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Holds one step at a point until it is released, so that a test can act in the middle of a run. */
final class Hold implements Checkpoints {
    private final Point point;
    private final int nth;
    private final AtomicInteger times = new AtomicInteger();
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    private Hold(Point point, int nth) {
        this.point = point;
        this.nth = nth;
    }

    /** Holds the first step that reaches a point. */
    static Hold at(Point point) {
        return at(point, 1);
    }

    /** Holds the n-th step that reaches a point. */
    static Hold at(Point point, int nth) {
        return new Hold(point, nth);
    }

    @Override
    public void reached(Point passed) {
        if (passed == point && times.incrementAndGet() == nth) {
            reached.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted at " + point, e);
            }
        }
    }

    /** Returns whether the step is held. */
    boolean isReached() {
        return reached.getCount() == 0;
    }

    void awaitReached() {
        try {
            if (!reached.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("no step reached " + point + " within a minute");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void release() {
        released.countDown();
    }
}
