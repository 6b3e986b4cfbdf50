package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a worker says of its health when time passes. */
class HealthTest {
    private static final Health.Probe WORKS = () -> {};
    private static final Health.Probe DOWN = () -> {
        throw new IllegalStateException("no broker\nanswers");
    };

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000);
    private final Health health = new Health(now::get);

    @BeforeEach
    void start() {
        health.polling(true);
    }

    @AfterEach
    void stop() {
        health.close();
    }

    @Test
    void aGlitchOfSecondsChangesNothing() {
        pass(Health.LIMIT.minusSeconds(1));
        health.look(DOWN, DOWN);

        assertThat(health.notReady()).isEmpty();
    }

    @Test
    void aWorkerIsNotReadyWhileKafkaIsDownAndReadyAsSoonAsItIsBack() {
        pass(Health.LIMIT.plusSeconds(1));
        health.look(DOWN, WORKS);
        assertThat(health.notReady()).containsExactly("not reaching Kafka for 61 s: no broker answers");

        health.look(WORKS, WORKS);
        assertThat(health.notReady()).isEmpty();
    }

    @Test
    void aProbeThatHangsIsAsBadAsOneThatFails() {
        pass(Health.LIMIT.plusSeconds(1));

        assertThat(health.notReady())
                .containsExactly("not reaching Kafka for 61 s", "not writing to the staging folder for 61 s");
    }

    @Test
    void aWorkerWhosePollsAreNotAnsweredIsNotReady() {
        pass(Health.POLL_LIMIT.plusSeconds(1));
        health.look(WORKS, WORKS);
        health.polled(Status.UNAVAILABLE.withDescription("io exception"));
        assertThat(health.notReady()).containsExactly("not polling Temporal for 131 s: UNAVAILABLE io exception");

        health.polled(Status.OK);
        assertThat(health.notReady()).isEmpty();
    }

    @Test
    void onlyTheHousekeepingDecidesWhetherTheProcessIsAlive() {
        pass(Health.POLL_LIMIT.plusSeconds(1));
        health.look(DOWN, DOWN);
        assertThat(health.notAlive()).as("a restart does not bring Kafka back").isEmpty();

        pass(Health.HOUSEKEEPING_LIMIT);
        assertThat(health.notAlive()).singleElement().asString().startsWith("not doing its housekeeping for");

        health.housekeeping();
        assertThat(health.notAlive()).isEmpty();
    }

    @Test
    void aWorkerThatStopsIsNotReadyAndStaysAlive() {
        health.polling(false);
        pass(Health.HOUSEKEEPING_LIMIT.plusSeconds(1));

        assertThat(health.notReady()).containsExactly("not polling");
        assertThat(health.notAlive()).isEmpty();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
