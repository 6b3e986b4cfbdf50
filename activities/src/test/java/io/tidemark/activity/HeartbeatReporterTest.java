package io.tidemark.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.activity.ActivityExecutionContext;
import io.temporal.activity.ActivityInfo;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HeartbeatReporterTest {
    private final CountDownLatch beating = new CountDownLatch(1);
    private final CountDownLatch answered = new CountDownLatch(1);
    private final AtomicBoolean interrupted = new AtomicBoolean();

    /** The SDK would log a warning with a page of stack trace, at the end of every other activity. */
    @Test
    void theEndOfAStepLeavesAHeartbeatThatIsUnderWayAlone() throws InterruptedException {
        HeartbeatReporter reporter = new HeartbeatReporter(context(), "readings", List.of(), Duration.ofMinutes(1));
        beating.await();

        Thread closer = new Thread(reporter::close);
        closer.start();
        await().until(() -> closer.getState() == Thread.State.TIMED_WAITING || interrupted.get());
        answered.countDown();
        closer.join();

        assertThat(interrupted).isFalse();
    }

    private ActivityExecutionContext context() {
        ActivityInfo info = proxy(ActivityInfo.class, name -> switch (name) {
            case "getActivityType" -> "consume";
            case "getHeartbeatTimeout" -> Duration.ofMinutes(1);
            default -> throw new UnsupportedOperationException(name);
        });
        return proxy(ActivityExecutionContext.class, name -> switch (name) {
            case "getInfo" -> info;
            case "heartbeat" -> {
                beat();
                yield null;
            }
            default -> throw new UnsupportedOperationException(name);
        });
    }

    private void beat() {
        beating.countDown();
        try {
            answered.await();
        } catch (InterruptedException e) {
            interrupted.set(true);
        }
    }

    private static <T> T proxy(Class<T> type, Function<String, @Nullable Object> calls) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> calls.apply(method.getName())));
    }
}
