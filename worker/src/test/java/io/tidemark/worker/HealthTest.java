package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.temporal.api.workflowservice.v1.WorkflowServiceGrpc;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
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
    void onlyAnswersToPollsShowThatTemporalAnswersThem() {
        pass(Health.POLL_LIMIT.plusSeconds(1));
        health.look(WORKS, WORKS);
        call(WorkflowServiceGrpc.getGetSystemInfoMethod());
        assertThat(health.notReady()).containsExactly("not polling Temporal for 131 s");

        call(WorkflowServiceGrpc.getPollActivityTaskQueueMethod());
        assertThat(health.notReady()).isEmpty();
    }

    /** Makes a request that is answered at once. */
    private <Q, A> void call(MethodDescriptor<Q, A> method) {
        health.watchPolls()
                .interceptCall(method, CallOptions.DEFAULT, new AnsweringChannel())
                .start(new ClientCall.Listener<>() {}, new Metadata());
    }

    private static final class AnsweringChannel extends Channel {
        @Override
        public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
            return new ClientCall<>() {
                @Override
                public void start(Listener<A> listener, Metadata headers) {
                    listener.onClose(Status.OK, new Metadata());
                }

                @Override
                public void request(int messages) {}

                @Override
                public void cancel(@Nullable String message, @Nullable Throwable cause) {}

                @Override
                public void halfClose() {}

                @Override
                public void sendMessage(Q message) {}
            };
        }

        @Override
        public String authority() {
            return "test";
        }
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
