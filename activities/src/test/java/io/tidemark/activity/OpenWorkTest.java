package io.tidemark.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.run.SliceRef;
import io.tidemark.state.PlanIdentity;
import io.tidemark.testkit.JobJson;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OpenWorkTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final SliceRef SLICE =
            new SliceRef(JobJson.job(""), "run", new PlanIdentity("f", 1, "in", "out", "state"), 3);

    private final AtomicLong now = new AtomicLong();
    private final OpenWork work = new OpenWork(now::get);

    @Test
    void aProcessWithoutWorkIsDoneAtOnce() throws Exception {
        assertThat(work.await(Duration.ZERO, Duration.ZERO)).isTrue();
    }

    @Test
    void aSliceIsOpenFromItsReadToItsWrite() throws Exception {
        work.begun();
        work.staged(SLICE);
        work.ended();
        CompletableFuture<Boolean> done = waiting();

        assertThat(done).isNotDone();
        work.begun();
        work.written(SLICE);
        assertThat(done).as("the step still runs").isNotDone();
        work.ended();

        assertThat(done.get()).isTrue();
    }

    @Test
    void aSliceOfWhichNoStepComesIsNotWaitedFor() throws Exception {
        work.staged(SLICE);
        now.addAndGet(LONG.toNanos());

        assertThat(work.await(LONG, Duration.ZERO)).isFalse();
    }

    @Test
    void aStepThatRunsIsWaitedForUntilTheTimeIsOver() throws Exception {
        work.begun();
        now.addAndGet(LONG.toNanos());

        assertThat(work.await(Duration.ZERO, LONG)).isFalse();
    }

    /** Starts to wait in another thread, and returns when it waits. */
    private CompletableFuture<Boolean> waiting() {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                done.complete(work.await(LONG, LONG));
            } catch (InterruptedException e) {
                done.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        return done;
    }
}
