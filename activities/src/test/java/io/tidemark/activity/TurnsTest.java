package io.tidemark.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidemark.step.StepProgress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnsTest {
    private final Turns turns = new Turns(1);
    private final Queue<String> worked = new ConcurrentLinkedQueue<>();

    @Test
    void whoWorksIsCounted() throws Exception {
        assertThat(turns.working()).isZero();
        assertThat(turns.await("job", StepProgress.NONE, List.of(), turns::working))
                .isEqualTo(1);
        assertThat(turns.working()).isZero();
    }

    @Test
    void whoSendsAHeartbeatWhileWaitingKeepsItsPlace() throws Exception {
        CountDownLatch firstWorks = new CountDownLatch(1);
        CountDownLatch firstEnds = new CountDownLatch(1);
        CountDownLatch secondReports = new CountDownLatch(1);
        CountDownLatch reported = new CountDownLatch(1);
        Thread first = start(StepProgress.NONE, () -> {
            firstWorks.countDown();
            firstEnds.await();
            return true;
        });
        firstWorks.await();
        Thread second = start(
                (left, records) -> {
                    secondReports.countDown();
                    join(reported);
                },
                () -> worked.add("second"));
        secondReports.await();
        Thread third = start(StepProgress.NONE, () -> worked.add("third"));
        await().until(() -> third.getState() == Thread.State.TIMED_WAITING);

        firstEnds.countDown();
        first.join();
        // Without its place the second would come after the third, whose turn it would be by now.
        reported.countDown();
        second.join();
        third.join();

        assertThat(worked).containsExactly("second", "third");
    }

    @Test
    void whoIsCancelledWhileWaitingLeavesItsPlaceToTheNext() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        turns.await("job", StepProgress.NONE, List.of(), () -> {
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> {
                assertThatThrownBy(() -> turns.await(
                                "job",
                                (left, records) -> {
                                    throw new CancellationException("cancelled");
                                },
                                List.of(),
                                () -> worked.add("cancelled")))
                        .isInstanceOf(CancellationException.class);
                cancelled.countDown();
            });
            cancelled.await();
            waiting.join();
            return true;
        });

        turns.await("job", StepProgress.NONE, List.of(), () -> worked.add("next"));

        assertThat(worked).containsExactly("next");
    }

    @Test
    void aTurnThatComesWhileItsOwnerIsBeingCancelledGoesToTheNext() throws Exception {
        CountDownLatch reports = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch firstWorks = new CountDownLatch(1);
        Thread first = start(StepProgress.NONE, () -> {
            firstWorks.countDown();
            reports.await();
            return true;
        });
        firstWorks.await();
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> assertThatThrownBy(() -> turns.await(
                        "job",
                        (left, records) -> {
                            reports.countDown();
                            join(over);
                            throw new CancellationException("cancelled");
                        },
                        List.of(),
                        () -> worked.add("cancelled")))
                .isInstanceOf(CancellationException.class));
        first.join();
        over.countDown();
        waiting.join();

        turns.await("job", StepProgress.NONE, List.of(), () -> worked.add("next"));

        assertThat(worked).containsExactly("next");
    }

    @Test
    void aSmallJobDoesNotWaitBehindAllStepsOfALargeOne() throws Exception {
        CountDownLatch works = new CountDownLatch(1);
        CountDownLatch ends = new CountDownLatch(1);
        Thread first = start("large", StepProgress.NONE, () -> {
            works.countDown();
            ends.await();
            return true;
        });
        works.await();
        Thread[] waiting = new Thread[6];
        for (int i = 0; i < waiting.length; i++) {
            String lane = i < 4 ? "large" : "small";
            String name = lane + i;
            Thread thread = start(lane, StepProgress.NONE, () -> worked.add(name));
            waiting[i] = thread;
            await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        }

        ends.countDown();
        first.join();
        for (Thread each : waiting) {
            each.join();
        }

        assertThat(worked).containsExactly("large0", "small4", "large1", "small5", "large2", "large3");
    }

    private Thread start(StepProgress progress, Turns.Work<?> work) {
        return start("job", progress, work);
    }

    private Thread start(String lane, StepProgress progress, Turns.Work<?> work) {
        Thread thread = new Thread(() -> {
            try {
                turns.await(lane, progress, List.of(), work);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
        return thread;
    }

    private static void join(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
