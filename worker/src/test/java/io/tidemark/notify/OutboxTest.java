package io.tidemark.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.notify.PostObserver.Outcome;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final int[] AT_ONCE = {0, 0};

    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();

    @Test
    void whatIsPutIsPostedInItsOrderAlsoAtTheEnd() throws Exception {
        try (Receiver receiver = new Receiver()) {
            try (Outbox outbox = new Outbox(URI.create(receiver.url()), outcomes::add, 10, AT_ONCE)) {
                outbox.put(bytes("1"));
                outbox.put(bytes("2"));
                outbox.put(bytes("3"));
            }

            assertThat(receiver.rest())
                    .extracting(each -> new String(each.body(), StandardCharsets.UTF_8))
                    .containsExactly("1", "2", "3");
            assertThat(receiver.next().headers()).containsEntry("content-type", "application/json");
            assertThat(outcomes).containsExactly(Outcome.DELIVERED, Outcome.DELIVERED, Outcome.DELIVERED);
        }
    }

    @Test
    void whatIsRefusedIsPostedAgainAndThenDropped() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (Receiver receiver = new Receiver(() -> calls.incrementAndGet() <= 3 ? 500 : 204);
                Outbox outbox = new Outbox(URI.create(receiver.url()), outcomes::add, 10, AT_ONCE)) {
            outbox.put(bytes("1"));
            outbox.put(bytes("2"));

            assertThat(List.of(next(), next(), next(), next()))
                    .containsExactly(Outcome.RETRIED, Outcome.RETRIED, Outcome.DROPPED, Outcome.DELIVERED);
        }
    }

    @Test
    void whoPutsIntoAFullQueueDoesNotWait() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        try (Receiver receiver = new Receiver(() -> {
                    asked.countDown();
                    try {
                        answers.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return 204;
                });
                Outbox outbox = new Outbox(URI.create(receiver.url()), outcomes::add, 1, AT_ONCE)) {
            outbox.put(bytes("being posted"));
            asked.await();
            outbox.put(bytes("waits"));

            outbox.put(bytes("too much"));

            assertThat(next()).isEqualTo(Outcome.DROPPED);
            answers.countDown();
            assertThat(List.of(next(), next())).containsExactly(Outcome.DELIVERED, Outcome.DELIVERED);
        }
    }

    private Outcome next() throws InterruptedException {
        Outcome next = outcomes.poll(30, TimeUnit.SECONDS);
        return Objects.requireNonNull(next);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
