package io.tidemark.workflow;

import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Functions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowSemaphore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Does many things, a few at a time. More than a hundred answers that arrive while the workflow is busy make its task
 * fail, so nothing here is ever started all at once.
 */
final class SlidingWindow {
    private final WorkflowSemaphore places;
    private final List<Promise<Void>> started = new ArrayList<>();
    private @Nullable TemporalFailure failure;

    private SlidingWindow(int width) {
        places = Workflow.newWorkflowSemaphore(width);
    }

    /**
     * Comes back when all have ended. Where one fails the others are cancelled, those that have not begun are left out,
     * and the first failure is thrown.
     */
    static void run(int width, List<Functions.Proc> works) {
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
                places.acquire();
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
                    places.release();
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
