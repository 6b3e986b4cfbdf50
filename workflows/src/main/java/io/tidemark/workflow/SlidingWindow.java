package io.tidemark.workflow;

import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Functions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs many procedures, a few at once. A workflow task fails if more than a hundred results arrive while it runs, so
 * the workflows never start everything at once.
 */
final class SlidingWindow {
    private final IntSupplier width;
    private final List<Promise<Void>> started = new ArrayList<>();
    private @Nullable TemporalFailure failure;

    private int running;

    private SlidingWindow(IntSupplier width) {
        this.width = width;
    }

    /**
     * Returns when all have ended. If one fails, the others are cancelled, the remaining ones are not started, and the
     * first failure is thrown.
     *
     * @param width how many may run at once; may change meanwhile
     */
    static void run(IntSupplier width, List<Functions.Proc> works) {
        SlidingWindow window = new SlidingWindow(width);
        Workflow.newCancellationScope(scope -> window.start(works, scope)).run();
        for (Promise<Void> each : window.started) {
            each.get();
        }
        if (window.failure != null) {
            throw window.failure;
        }
    }

    private void start(List<Functions.Proc> works, CancellationScope scope) {
        for (Functions.Proc work : works) {
            try {
                Workflow.await(() -> running < width.getAsInt());
                running++;
            } catch (CanceledFailure e) {
                failed(e, scope);
            }
            if (failure != null) {
                return;
            }
            started.add(Async.procedure(() -> {
                try {
                    work.apply();
                } catch (TemporalFailure e) {
                    failed(e, scope);
                } finally {
                    running--;
                }
            }));
        }
    }

    private void failed(TemporalFailure e, CancellationScope scope) {
        if (failure == null) {
            failure = e;
            scope.cancel();
        }
    }
}
